// Pinned vectors of what is signed, with the seed 00..1f; made with openssl and Python, not with this library.

export interface Vector {
  /** SHA-256 of the bytes, base64url. */
  readonly hash: string
  readonly signature: string
}

export const pinned: Readonly<Record<string, Vector>> = {
  proposal: {
    hash: 'JCa3BPRIp8KduXnvPnILItFOY78D0YL5hhrNfvojQZ4',
    signature:
      'Dq53Zh_xFl8Zh5rVcdOPeQGG4Hy_H7Bjh6wGKRAmsRZCcaJ2vBr8vr9AqPQM-pSPEm4wf-tAIpJ0vp00dmqpBg',
  },
  'proposal, only a task': {
    hash: 'g0gNtjDAeIspNnZ9FujJirwlreGg3bqOsNF93MJfUTc',
    signature:
      '0MYlkg-EyGbaNMPYQsnlHWlP6k0t7QbfjdrnYUB0tbefz73tliRGdB3v3JYYCY-vZpctXi4qaAZwHbRqhrRoAA',
  },
  accept: {
    hash: 'bP-bF62WDyzK1Xi0TSRAFQcIeMKLctESvl7f9Gie_5A',
    signature:
      'NDOg8nrBhZBvivlMKiqBQ1Rj-mjA-KKjzgJPf3KEeFWqJTSZR76LalupaopShJn-wOkjW2ZDbB5FTJyFQrZGAg',
  },
  'accept, nothing of its own': {
    hash: 'rIKjZh4BNRMEgFmehG4M5jMDyIiNFrKl6qw-v0xLDAg',
    signature:
      'jdieun76GzjAZyan-KIufjv3uHqyS9TQh_bDIgn2pV7pkSsmV1r4OHHN_uXJrXixxeQuaKM0xlq0lxsKnAHtBg',
  },
  reject: {
    hash: '-lEFsVFMAPNMF_NR81_TsIaR0SwpxFs8w_5QSmjg3hU',
    signature:
      'LDFaJh0Ll_Lb51IJoVMcRLnLJw91XU1odRfP64bjN1cgAFZxWR8mN_qOFNxA7wpzkqd_gdd1Y-5AMqWVqsT2Aw',
  },
  withdraw: {
    hash: 'Fql7whTER8mb-Vr2y3PgXw_8Btsr5XbvtpSoBIN1Qf4',
    signature:
      'yO1BAUdy389lsl_PS1BES1oI3CoTTJLcURnlsnFXpaB2ag5RSR-9YHAthTP3E3gtQzKUpx1KdKiFcIVIYKmFDw',
  },
  funded: {
    hash: '4uPcLGK9EWDVbZS4QbVWtf4iDmzBlaNV4PceAcA9JfY',
    signature:
      '0s8nLhdw40O87NT_5dZtAVKIA2QXLjkiYQBaiNygiDhZ5UtjFMsiJzrSomoLgsQ8b34Pznk4p9dEDSoH9oQADA',
  },
  complete: {
    hash: 'NQmS4llmixVoeDnF5MWP9OOURDGW_cN6BbSrVROpLhA',
    signature:
      'e0V_sleeEVhujTHEvN6a6wVfwlZ3hnNRDIs6-GvnhEr6C4P6hUBvUPQyPUORWbtMA8l2XN78SkeLwB5FISDoAg',
  },
  confirm: {
    hash: '4xwJ_Rh3-pVpvplYlw_56n-x_hkjXKKu3Ts9WTNojjk',
    signature:
      'lEy-RULmcLH4GP2o94qhwiSFP7YjLyoYlPY7iemTHp6aSAtgX7lo8aT7vn2V-Z0qsTIcamJLE0q8Tn3pC8unCQ',
  },
  dispute: {
    hash: 'WmjQf4FAF5OdamciPcXRD6eWnsLwtO2jChkbfNviWP8',
    signature:
      'etfJkHW4ABYfeUwQBxKwtbHNkr_EQN2ST2dPcmd3cG1DAh8_yhr8neyUFlXXFHqqlDprdZpVOjqgNVSb29SfBQ',
  },
  settle: {
    hash: 'xWrqNA5qdbMS_h1awKvc7WvfVlbC00jfGjXRzDE3tvs',
    signature:
      '98Lb8R4364el5ezf3v_f41uM5T1J__tVyf69xh_RRWvrUOPbi68oSANX9VhrDqP-3G-3b-wb7zZNGTPXH5llDg',
  },
  receipt: {
    hash: 'Pg6hcsB1TNBZvddSp3MvtZDnu2P5lI21iTPtx394Td8',
    signature:
      '2XbcHrXc9f0NP1OjWw0A3W4It8HHZyELD0gKi-pialDObRyUB7jhC4ymwAEwwhv8MQCnkSlKkwULjU4qpFo9Cw',
  },
  challenge: {
    hash: 'k9OMfH4MZ3OyPObY1EngAfQmNWNRVJnLD2yppPRjNXY',
    signature:
      'nOpu_wMmCirshiZQAbj-tn2sRo95n-j801dJ0Iq-VCAn0b_u88PLw1RAv8u-t1Kz1Znof0e6nam39b38TeZaBg',
  },
  login: {
    hash: 'PqYujVj-rXmxaY7B5uWCUbeccOfsTxSFplv2DxcFPEI',
    signature:
      'pffdROiH7f4J_hUXnZZw2crwFzwc20GhaD5Wpypds9cthbtWjyovEbZyW2bgE7Gpd78kju2vOxEymffYDzBPDA',
  },
  msg: {
    hash: 'gEWFsI0jTYQabUW1aAovjHm6RmrF0IiYJMSvBlXKlTU',
    signature:
      'JfeSLpLYxIDft6pEtYocKKFzJU89Bp-grOpSU6N86cxwnN8F9J1bNselhqH6U1G7D6i4KJzavpEJMLKXjrBhBw',
  },
  'peer-verify': {
    hash: 'jQV2zgQd8WFsatS2HSRZ35YOu_j6MPZRJlbsj44Zwqg',
    signature:
      'W-K353Ccjm3LHEjh3X5CWwxEfi5NI_BQOk-qfjnAoVudWd2qOcaUrB5GbV1gDClaNhDF58A14zRV8VI7605sAw',
  },
  'the vector of protocol.md': {
    hash: '8SOBTgXqiRfpIBjacE_BWtEndXIMlxN_QhqnRAg4a-I',
    signature:
      'EHiZ7v_IFqJMFDzEhPTC_mYkAAu5gvhnfy2Wbnx0mGzIw4kAo1nmMt6Rs8svoc9a0foipXTf94KU8mR3RCDOCg',
  },
}

// Pinned vectors of what is signed, with the seed 00..1f; made with openssl and Python, not with this library.

export interface Vector {
  /** SHA-256 of the bytes, base64url. */
  readonly hash: string
  readonly signature: string
}

export const pinned: Readonly<Record<string, Vector>> = {
  proposal: {
    hash: 'Przm8KWNCojzdTrr9BzcfvAgy8BD7QLDxb_qh_kpyNM',
    signature:
      'u9vqDbEKxPuCw6Hair8wbjCkxQ04p1ejqgYOxbq8rlSu2G84iXbSoMlAPytGu09hYqv9vff3K1nkZ-gFlhADCg',
  },
  'proposal, only a task': {
    hash: 'r27Es5OyujTjawzI51kMTiTmrMJJhmRP8kg-9dpeCNo',
    signature:
      '-k2wTxOtu5KxLt7Xn2TtGrKFgUvtzgCuC5ziX2kpqkoon7SVR0DqCkwF4Z8iegjmjFOFHufdMb9SHGnK99HDDw',
  },
  accept: {
    hash: 'PCb1pTiChWTLJ0g3syzliru6MR8lYhMtb-Zpy1lOFlo',
    signature:
      'gzvCe54xaWyljsHJ5pzPV35Ia3RztpnWCCWXPL_9ozZK6rni-pd2sCH5_7wrZcQj7vfuOUalfWPmWHTtLd2mBw',
  },
  'accept, nothing of its own': {
    hash: '9xXCU3FGtG6PCXJzGpHiaxnYNE6A5WX6LkPH3jei730',
    signature:
      'XkBxUBcf56DmB2XPcVTHVB5Q6-ldnRr8izKIxvapUbm0uAzCgm2VLEE9hjMpL1rpOu71ogv0bKLRx0zmg5nRDg',
  },
  reject: {
    hash: 'y4t7jlyi0h4yORmWIO-UyDqRhSPJYMl9ClxSfPYQ-mo',
    signature:
      'lnJxzt3e6aIyt3dqaWmg_z8m2Eks8edwl4OLgyho0KIT-AolqqufXMIspRDQ6sL2lzM7TF6stlevhgrj6X7qAA',
  },
  withdraw: {
    hash: '53oPzubQTt4TvX7eaVUvdORSZqZ9WT79eVuzIMz_EJ4',
    signature:
      'aNVG_WNjKs-Olyqp5yL22sU7HMKtUYlWPVkCN4KHy3GBEMq59anQHj5LZAd9LDa1pyJn65xgwSqge1mK3mnGCw',
  },
  funded: {
    hash: 'kno_9h2ZeFHtJi_y06szzNxFz1CFWyX_KKojkChvUNo',
    signature:
      'TEjkKTpFZnIXFxsickI68fyWzmLuaHAXmFhQj_3Ai-MZpcItdi1okOUrufxvVPj-UDdiDBeTMdE2YYnQ7hRIDg',
  },
  complete: {
    hash: 'EkDgCQ6R62hVEHbfzOPGFEGB0aunF0bUB3l4HodA_EI',
    signature:
      'aZNyB4Gx8KHKvMT2HBp2MFfCG1DifC0-1Zu4YLf9NooXpQ2E_8tJcKAE9KrBLXhbct6efbmYkC0msV9xtaTpAg',
  },
  confirm: {
    hash: 'YhGnvNWoaNiTyrQyr1K8DNCJe7h_h7awGg4aKsehiMM',
    signature:
      'Sgxc3s4FohTUDUt-trTBiQbNSWhF6BumLlqbYKGkK9cIb8-SZYmwXwXgkycS2-RJn4t-FUhN2_xdm6TguV1aBw',
  },
  dispute: {
    hash: 'i_Svd1bI_pIU3u0qAh0f1yruTVkyAPcumoc07seHQF8',
    signature:
      '7GLWh5CVMQZI2WeRISzytJdaAK2sAbGjOfGomxDj86mumPuEk0aBbZ1KWuF1yZAvNsiEIyzYavb0pVXBQ4KWCw',
  },
  settle: {
    hash: 'BDw2vK0dd6BECb0rdWOVlPQLO8Ck-WJt883KgF1B2v8',
    signature:
      'zTidNkdPpngRXfNaF7e2CocJYcArY-JqrAx7B3rRylyiUPFDqNIu4MPFqOXkQtfr09SbKA_uGHgU5cxCYZAPBw',
  },
  receipt: {
    hash: 'Qe86PhyB-FQVQUtFCTARNinCutjFS-ph7pmWiJnvDe4',
    signature:
      'm33sy-lIXyMRVKj40sClDsmBVU2JTJW13qkHnfCUJFUNXoCRYO5z3gv_vFJ2BbMRDznx1qS9cHImAYZAV62KAw',
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

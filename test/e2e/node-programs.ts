// The programs that a node that runs containers needs, with the packages they come in.

export const nodePrograms: Readonly<Record<string, string>> = {
  '/usr/bin/containerd': 'containerd',
  '/usr/sbin/runc': 'runc',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
  '/usr/sbin/nft': 'nftables',
  '/sbin/ip': 'iproute2',
  '/usr/sbin/conntrack': 'conntrack',
};

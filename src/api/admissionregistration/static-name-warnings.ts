// What writers of webhooks and policies are told whose names the server keeps for those that come from files. Upstream:
// WarningsForStaticSuffix in pkg/apis/admissionregistration/validation.

const STATIC_SUFFIX = '.static.k8s.io';

export function staticNameWarnings({ metadata }: { readonly metadata: { readonly name: string } }): readonly string[] {
  if (!metadata.name.endsWith(STATIC_SUFFIX)) return [];
  return [
    `metadata.name: names ending with "${STATIC_SUFFIX}" are reserved for static manifest-based configurations and cannot be managed via the API`,
  ];
}

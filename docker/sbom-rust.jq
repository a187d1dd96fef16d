# Rust packages of `cargo metadata` as components of CycloneDX, and what each is made of. $used has the
# packages that count, $sums their checksums of Cargo.lock.
def ref: "pkg:cargo/\(.name)@\(.version)";
def key: "\(.name)@\(.version)";
def licences:
  # Cargo's old way to write OR.
  if .license then [{expression: (.license | gsub("\\s*/\\s*"; " OR "))}]
  elif .license_file then [{license: {name: "see \(.license_file) in the package"}}]
  else [] end;

($used | split("\n") | map(select(. != "") | {(.): true}) | add) as $used
| ($sums | split("\n") | map(select(. != "") | split("\t") | {(.[0]): .[1]}) | add) as $sums
| (.packages | map({(.id): .}) | add) as $all
| [.packages[] | select($used[key])] as $packages
| {
    components: [$packages[] | {
      type: (if .source == null and any(.targets[].kind[]; . == "bin") then "application" else "library" end),
      "bom-ref": ref, name, version, description, purl: (if .source then ref else null end),
      licenses: licences,
      hashes: (if $sums[key] then [{alg: "SHA-256", content: $sums[key]}] else [] end),
      externalReferences: (if .repository then [{type: "vcs", url: .repository}] else [] end)
    } | with_entries(select(.value != null and .value != []))],
    dependencies: [.resolve.nodes[] | select($all[.id] | $used[key]) | {
      ref: ($all[.id] | ref),
      dependsOn: ([.deps[] | select(any(.dep_kinds[]; .kind != "dev")) | $all[.pkg] | select($used[key]) | ref] | unique)
    }]
  }

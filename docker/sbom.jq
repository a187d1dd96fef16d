# A CycloneDX 1.6 document of its parts: see sbom.sh.
def of_package: if .registry == "npm" then "pkg:npm/\(.name | sub("^@"; "%40"))@\(.version)" else "pkg:pypi/\(.name | ascii_downcase | gsub("[_.]+"; "-"))@\(.version)" end;
def models: [$models[0][] | {
  type: "machine-learning-model", "bom-ref": "model:\(.id)", name: .id, version: "\(.recipe.version)", description: .summary,
  licenses: [if (.licence | test("LicenseRef")) then {license: {name: .licence}} else {expression: .licence} end],
  copyright: .attribution,
  properties: [.package[] | {name: "source", value: of_package}] | unique
}];
def packages: [$packages | split("\n")[] | select(. != "") | split("\t") | {
  type: "library", name: .[0], version: .[1], purl: "pkg:deb/debian/\(.[0])@\(.[1] | @uri)?arch=\(.[2])"
} | {"bom-ref": .purl} + .];

([$rust[0].components[] | select(.type == "application") | .version] | first) as $version
| {
    bomFormat: "CycloneDX", specVersion: "1.6", version: 1,
    metadata: {
      timestamp: $made,
      component: {type: "application", "bom-ref": "whissle-gateway", name: "whissle-gateway", version: ($version // ""), licenses: [{expression: "MIT OR Apache-2.0"}]}
    },
    components: ($rust[0].components + models + packages),
    dependencies: ([{ref: "whissle-gateway", dependsOn: [($rust[0].components[] | select(.type == "application") | ."bom-ref"), models[]."bom-ref", packages[]."bom-ref"]}] + $rust[0].dependencies)
  }

//! Keeps `docs/configuration.md` complete.

use clap::CommandFactory;
use std::path::Path;

#[test]
fn every_setting_is_documented_with_its_default() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = std::fs::read_to_string(path).unwrap();
    for setting in gateway::Config::command().get_arguments() {
        let Some(name) = setting.get_env().and_then(|name| name.to_str()) else {
            continue;
        };
        let line = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")));
        let line = line.unwrap_or_else(|| panic!("{name} is not in docs/configuration.md"));
        for default in setting.get_default_values() {
            let default = default.to_str().unwrap();
            assert!(
                line.contains(&format!("| `{default}` |")),
                "{name}: the default is {default}"
            );
        }
    }
}

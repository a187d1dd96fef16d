//! What a manifest must fulfil beyond its syntax. Names and versions end up on command lines
//! and in paths, so they are held to plain characters.

use super::{Manifest, Package};

impl Manifest {
    pub(super) fn check(&self) -> Result<(), String> {
        let id_chars = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.id.is_empty() || !self.id.chars().all(id_chars) {
            return Err(format!(
                "`{}` is not an id: use a-z, 0-9 and dashes",
                self.id
            ));
        }
        if self.packages.is_empty() {
            return Err("it names no [[package]]".to_owned());
        }
        if self.outputs.is_empty() && self.recipe.name != "copy" {
            return Err("`outputs` must list what the recipe leaves".to_owned());
        }
        for name in &self.outputs {
            check_name(name)?;
        }
        for package in &self.packages {
            package.check()?;
        }
        // Two architectures may use one name; one machine may not see it twice.
        let arches: Vec<&str> = self
            .packages
            .iter()
            .filter_map(|p| p.arch.as_deref())
            .collect();
        for arch in arches.iter().copied().chain(["any"]) {
            let mut names: Vec<&str> = self
                .packages_for(arch)
                .flat_map(|package| &package.files)
                .map(|file| file.name.as_str())
                .collect();
            for whole in &self.assemble {
                check_name(&whole.name)?;
                check_sha256(&whole.sha256)?;
                if arches.is_empty()
                    && let Some(part) = whole
                        .parts
                        .iter()
                        .find(|part| !names.contains(&part.as_str()))
                {
                    return Err(format!(
                        "`{}` is joined from `{part}`, which no package has",
                        whole.name
                    ));
                }
            }
            names.extend(self.assemble.iter().map(|whole| whole.name.as_str()));
            names.sort_unstable();
            if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(format!("two files are called `{}`", pair[0]));
            }
        }
        Ok(())
    }
}

impl Package {
    fn check(&self) -> Result<(), String> {
        let plain = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@')
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "@/._-+".contains(c))
                && !text.contains("..")
        };
        // These are parts of a folder's name, where a name's slash is replaced.
        let part = |text: &str| plain(text) && !text.contains(['/', '@']);
        if !plain(&self.name) || !part(&self.version) {
            return Err(format!("`{}@{}` is not a package", self.name, self.version));
        }
        if let Some(wheel) = &self.wheel
            && (!part(&wheel.platform) || !wheel.abi.as_deref().is_none_or(part))
        {
            return Err(format!("{}: odd wheel tags", self.label()));
        }
        if self.files.is_empty() {
            return Err(format!("nothing is wanted from {}", self.label()));
        }
        for file in &self.files {
            check_name(&file.name)?;
            check_sha256(&file.sha256)?;
        }
        Ok(())
    }
}

/// A plain file name that cannot leave its folder or shadow the install record.
fn check_name(name: &str) -> Result<(), String> {
    let plain = !name.is_empty()
        && !name.starts_with('.')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if plain && name != crate::installed::RECORD {
        Ok(())
    } else {
        Err(format!("`{name}` cannot be a file name here"))
    }
}

fn check_sha256(text: &str) -> Result<(), String> {
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if text.len() == 64 && text.chars().all(hex) {
        Ok(())
    } else {
        Err(format!("`{text}` is not a lower-case sha256"))
    }
}

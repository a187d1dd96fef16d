//! The manifests that ship: all embedded, all sound, and what is said about them is true.
#![allow(clippy::unwrap_used)] // tests fail by panicking

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use model_store::{Catalogue, Manifest, StoreError, Variant, variant_models};
use proptest::prelude::*;

fn workspace(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

#[test]
fn every_manifest_of_the_folder_is_embedded_as_it_is() {
    let folder = Catalogue::read(&workspace("models")).unwrap();
    let texts = |catalogue: &Catalogue| catalogue.manifests().map(as_json).collect::<Vec<String>>();
    assert_eq!(texts(&folder), texts(Catalogue::embedded()));
    assert!(folder.manifests().count() >= 10);
}

fn as_json(manifest: &Manifest) -> String {
    serde_json::to_string(manifest).unwrap()
}

#[test]
fn every_variant_hears_speech_its_end_and_who_speaks() {
    for variant in Variant::ALL {
        let ids = variant_models(variant);
        assert!(ids.iter().any(|id| id == "onnxruntime"), "{variant}");
        assert!(ids.iter().any(|id| id == "silero-vad"), "{variant}");
        assert!(ids.iter().any(|id| id == "smart-turn"), "{variant}");
        for id in ["ecapa-voxceleb", "pyannote-segmentation", "minilm"] {
            assert!(ids.iter().any(|known| known == id), "{variant}: {id}");
        }
        assert!(ids.len() >= 4, "{variant}");
    }
}

#[test]
fn all_has_everything_that_any_variant_has() {
    let all: BTreeSet<&String> = variant_models(Variant::All).iter().collect();
    for variant in Variant::ALL {
        assert!(
            variant_models(variant).iter().all(|id| all.contains(id)),
            "{variant}"
        );
    }
}

#[test]
fn every_model_is_in_a_variant_or_a_group() {
    let catalogue = Catalogue::embedded();
    let mut named: BTreeSet<&str> = variant_models(Variant::All)
        .iter()
        .map(String::as_str)
        .collect();
    let groups = [
        "test",
        "bench",
        "cuda",
        "speech",
        "speech-test",
        "local-llm",
        "local-llm-test",
    ];
    for group in groups {
        named.extend(catalogue.group(group).unwrap().iter().map(String::as_str));
    }
    let ids: BTreeSet<&str> = catalogue
        .manifests()
        .map(|manifest| manifest.id.as_str())
        .collect();
    assert_eq!(ids, named);
}

#[test]
fn variants_are_read_as_they_are_written() {
    for variant in Variant::ALL {
        assert_eq!(variant.to_string().parse::<Variant>().unwrap(), variant);
    }
    let error = "en-huge".parse::<Variant>().unwrap_err().to_string();
    assert!(
        error.contains("en-lite, en-full, multi-full, hinglish, multi-zh, all"),
        "{error}"
    );
}

#[test]
fn one_source_file_is_one_checksum_wherever_it_is_named() {
    let mut seen = std::collections::BTreeMap::new();
    for manifest in Catalogue::embedded().manifests() {
        for package in &manifest.packages {
            for file in &package.files {
                let key = (package.cache_name(), file.path.clone());
                let pinned = (file.sha256.clone(), file.size);
                assert_eq!(
                    seen.entry(key.clone()).or_insert(pinned.clone()),
                    &pinned,
                    "{key:?}"
                );
            }
        }
    }
}

#[cfg(feature = "fetch")]
#[test]
fn every_recipe_exists_at_the_version_its_manifests_want() {
    for manifest in Catalogue::embedded().manifests() {
        let recipe = model_store::recipes::by_name(&manifest.recipe.name);
        let version = recipe.map(|recipe| recipe.version());
        assert_eq!(version, Some(manifest.recipe.version), "{}", manifest.id);
    }
}

#[cfg(feature = "fetch")]
#[test]
fn third_party_md_says_what_the_manifests_say() {
    let text = fs::read_to_string(workspace("THIRD-PARTY.md")).unwrap();
    let table = model_store::licences::licences(Catalogue::embedded());
    assert!(
        text.contains(&table),
        "THIRD-PARTY.md is out of date: replace its model section with the output of `models licences`"
    );
}

#[test]
fn faults_of_a_manifest_are_named() {
    let good = fs::read_to_string(workspace("models/silero-vad.toml")).unwrap();
    let sha = good
        .lines()
        .find(|line| line.starts_with("sha256"))
        .unwrap();
    for (from, to, words) in [
        ("id = \"silero-vad\"", "id = \"other\"", "its id is `other`"),
        (
            "kind = \"voice-activity\"",
            "kind = \"vad\"",
            "unknown variant",
        ),
        ("licence = \"MIT\"\n", "", "missing field `licence`"),
        (
            "as = \"silero_vad_16k_sequence.onnx\"",
            "as = \"../silero_vad.onnx\"",
            "cannot be a file name",
        ),
        (
            "as = \"silero_vad_16k_sequence.onnx\"",
            "as = \"installed.json\"",
            "cannot be a file name",
        ),
        (
            "as = \"silero_vad_16k_sequence.onnx\"",
            "as = \"LICENSE\"",
            "two files are called `LICENSE`",
        ),
        (
            "name = \"silero-vad\"",
            "name = \"--index\"",
            "is not a package",
        ),
        (
            "version = \"6.2.3\"",
            "version = \">6\"",
            "is not a package",
        ),
        (
            "version = \"6.2.3\"",
            "version = \"6/2\"",
            "is not a package",
        ),
        (sha, "sha256 = \"ABC\"", "not a lower-case sha256"),
        (
            "outputs = [\n  \"vad.onnx\",\n  \"LICENSE\",\n]\n",
            "",
            "`outputs` must list",
        ),
        ("summary", "sumary", "unknown field"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        let error = Manifest::parse("silero-vad.toml", &bad).unwrap_err();
        assert!(matches!(error, StoreError::Manifest { .. }));
        assert!(
            error.to_string().contains(words),
            "`{words}` is not in: {error}"
        );
    }
    let lists = "[variants]\nen-lite = [\"ghost\"]";
    let error = Catalogue::parse([("silero-vad.toml", good.as_str())], lists).unwrap_err();
    assert!(
        error.to_string().contains("`ghost`, which has no manifest"),
        "{error}"
    );
}

proptest! {
    /// No text makes the parser panic, and a damaged manifest is refused or still sound.
    #[test]
    fn any_text_is_a_manifest_or_an_error(at in 0usize..700, insert in "\\PC{0,8}") {
        let good = fs::read_to_string(workspace("models/silero-vad.toml")).unwrap();
        let at = (0..=at.min(good.len())).rev().find(|at| good.is_char_boundary(*at)).unwrap_or(0);
        let text = format!("{}{insert}{}", &good[..at], &good[at..]);
        if let Ok(manifest) = Manifest::parse("silero-vad.toml", &text) {
            prop_assert!(!manifest.outputs("x86_64").is_empty());
            prop_assert_eq!(manifest.key("x86_64").len(), 16);
        }
    }
}

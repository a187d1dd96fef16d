//! CTC models of an installation's own: served beside the others, or left out and told.

use crate::harness::{Server, beckett};
use model_store::Store;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// A server with three folders: a good model and two bad ones.
static OWN: LazyLock<Server> = LazyLock::new(|| {
    let dir = std::env::temp_dir().join(format!("ctc-models-{}", std::process::id()));
    let installed = Store::from_env()
        .expect("HOME is set")
        .dir("moonshine-tiny-ctc-en")
        .unwrap_or_else(|error| panic!("{error}"));
    for folder in ["mine", "short", "deaf", "moonshine-tiny-en"] {
        copy(&installed, &dir.join(folder));
    }
    let tokens = fs::read_to_string(dir.join("short/tokens.txt")).expect("a vocabulary");
    let fewer = tokens.trim_end().rsplit_once('\n').expect("many tokens").0;
    fs::write(dir.join("short/tokens.txt"), fewer).expect("written");
    fs::write(dir.join("deaf/model.onnx"), b"no graph").expect("written");
    Server::start(|config| config.ctc_models_dir = Some(dir))
});

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for name in ["model.onnx", "tokens.txt", "ctc.json"] {
        fs::copy(from.join(name), to.join(name)).expect(name);
    }
}

#[test]
fn a_folder_is_a_model_and_a_bad_one_hinders_nobody() {
    let body = OWN.get("/models").ok();
    let models = body["models"].as_array().unwrap();
    let ids: Vec<&str> = models.iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["en-in-tech-misc", "moonshine-tiny-en", "mine"]);
    let mine = &models[2];
    assert_eq!(mine["word_error_rates"], serde_json::json!({}));
    assert_eq!(mine["loaded"], true);
    let written = |head: &&serde_json::Value| head["reads"] == "audio";
    let heads = mine["heads"].as_array().unwrap();
    assert!(
        heads
            .iter()
            .filter(written)
            .any(|it| it["category"] == "gender")
    );
    OWN.transcribe(beckett(), &[]).ok();
    OWN.transcribe(beckett(), &["model=short"])
        .error(422, "model_not_loaded", Some("model"));
}

#[test]
fn words_tags_and_times_come_out_of_one_pass() {
    for decoder in ["beam_width=1", "beam_width=100"] {
        let fields = ["model=mine", "word_timestamps=true", decoder];
        let body = OWN.transcribe(beckett(), &fields).ok();
        let text = body["transcript"].as_str().unwrap().to_lowercase();
        // It spells by ear: a few of the words come out as they are written.
        let right = |word: &&str| {
            text.split(|c: char| !c.is_alphabetic())
                .any(|it| it == *word)
        };
        let heard = ["ever", "no", "again", "fail", "failed", "try", "tried"];
        let heard = heard.iter().filter(|word| right(word)).count();
        assert!(heard >= 2, "{text}");
        for segment in body["segments"].as_array().unwrap() {
            let words = segment["words"].as_array().unwrap();
            let starts: Vec<f64> = words
                .iter()
                .map(|it| it["start"].as_f64().unwrap())
                .collect();
            assert!(!words.is_empty() && starts.is_sorted(), "{words:?}");
            assert!(segment["metadata"].get("gender").is_some());
            // Tokens of the model's own never reach the text.
            assert!(
                !text.contains("gender_") && !text.contains("entity_"),
                "{text}"
            );
        }
    }
}

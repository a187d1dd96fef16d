//! Which file `LOCAL_LLM_MODEL` names: an installed model, or a path.

use crate::error::{LlmError, Result};
use model_store::{FETCH, Store};
use std::path::{Path, PathBuf};

/// Name of the weights of a manifest.
const FILE: &str = "model.gguf";

/// Whether it is a path rather than an id of a manifest.
fn is_path(model: &str) -> bool {
    model.contains('/') || Path::new(model).extension().is_some_and(|e| e == "gguf")
}

/// What answers are said to come from.
pub fn name(model: &str) -> String {
    let stem = Path::new(model)
        .file_stem()
        .and_then(|stem| stem.to_str())
        .filter(|_| is_path(model));
    stem.unwrap_or(model).to_owned()
}

/// The file.
///
/// # Errors
/// [`LlmError::NotConfigured`] with what to run when it is not there.
pub fn find(model: &str) -> Result<PathBuf> {
    let missing = |what: String| {
        let or = "or set ANTHROPIC_API_KEY, GEMINI_API_KEY, or LLM_BASE_URL and LLM_MODEL";
        LlmError::NotConfigured(format!("{what}, {or}"))
    };
    if is_path(model) {
        let path = PathBuf::from(model);
        // Where it should be is in the settings; whoever asks need not know.
        return match path.is_file() {
            true => Ok(path),
            false => Err(missing(
                "LOCAL_LLM_MODEL names a file that is not there: put it there".into(),
            )),
        };
    }
    let store = Store::from_env().map_err(|error| missing(error.to_string()))?;
    let manifest = store.catalogue().get(model).map_err(|_| {
        missing(format!(
            "LOCAL_LLM_MODEL is `{model}`: set it to the path of a .gguf file, or to one of {}",
            ids(&store).join(", ")
        ))
    })?;
    store.file(&manifest.id, FILE).map_err(|_| {
        let size = model_store::megabytes(manifest.source_bytes(std::env::consts::ARCH));
        missing(format!(
            "the local model {model} is not installed: run `{FETCH} {model}` ({size})"
        ))
    })
}

fn ids(store: &Store) -> Vec<&str> {
    let language = store
        .catalogue()
        .manifests()
        .filter(|manifest| manifest.kind == model_store::Kind::Language);
    language.map(|manifest| manifest.id.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_paths_are_told_apart() {
        assert_eq!(name("qwen2-5-coder-0-5b"), "qwen2-5-coder-0-5b");
        assert_eq!(name("/opt/my.model.gguf"), "my.model");
        assert!(is_path("model.gguf") && is_path("a/b") && !is_path("qwen2-5-coder-0-5b"));
    }

    #[test]
    fn what_is_not_there_is_said_with_what_to_do() {
        let error = find("/no/such/model.gguf")
            .expect_err("no file")
            .to_string();
        assert!(error.contains("LOCAL_LLM_MODEL"), "{error}");
        let error = find("gpt-9").expect_err("no manifest").to_string();
        assert!(error.contains("qwen2-5-coder-1-5b"), "{error}");
    }
}

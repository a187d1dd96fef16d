//! Is a language model set up, and with `--online`, does its provider take the key?

use crate::{Finding, Settings};
use llm::{Llm, LlmError, ProviderKind};
use std::path::Path;

/// Looks at the keys and at the model on this machine.
pub async fn check(settings: &Settings) -> Vec<Finding> {
    let llm = &settings.llm;
    let remote = [
        ProviderKind::Claude,
        ProviderKind::Gemini,
        ProviderKind::Openai,
    ];
    let known: Vec<ProviderKind> = remote.into_iter().filter(|kind| llm.has(*kind)).collect();
    let mut found = Vec::new();
    if known.contains(&ProviderKind::Openai)
        && llm.llm_model.as_deref().unwrap_or_default().is_empty()
    {
        found.push(Finding::fail(
            "LLM_BASE_URL is set, but LLM_MODEL is not",
            "set LLM_MODEL to a model of that server",
        ));
    }
    if let Some(first) = llm
        .llm_provider
        .filter(|kind| *kind != ProviderKind::Local && !llm.has(*kind))
    {
        let variable = match first {
            ProviderKind::Openai => "LLM_BASE_URL",
            other => other.key_variable(),
        };
        found.push(Finding::fail(
            format!("LLM_PROVIDER is {first}, but {variable} is not set"),
            format!("set {variable}, or leave LLM_PROVIDER out"),
        ));
        return found;
    }
    if settings.online && !known.is_empty() {
        match Llm::new(llm) {
            Ok(asked) => found.extend(asked.check_each().await.into_iter().map(told)),
            Err(error) => found.push(Finding::fail(
                error.to_string(),
                "mend the variable it names",
            )),
        }
    } else {
        found.extend(known.iter().map(|kind| {
            Finding::ok(format!(
                "{kind} is set up (--online asks whether it takes the key)"
            ))
        }));
    }
    found.extend(local(settings, known.is_empty()));
    found
}

fn told((kind, outcome): (ProviderKind, llm::Result<()>)) -> Finding {
    match outcome {
        Ok(()) => Finding::ok(format!("{kind} takes its key")),
        Err(LlmError::BadKey(_)) => Finding::fail(
            format!("{kind} refuses its key"),
            format!("set {} to a key that is valid", kind.key_variable()),
        ),
        Err(error) => Finding::warn(
            format!("{kind} could not be asked: {error}"),
            "look at the network, and at a proxy between",
        ),
    }
}

/// The model on this machine; without any other, somebody should know that there is none.
fn local(settings: &Settings, alone: bool) -> Option<Finding> {
    let model = &settings.llm.local.local_llm_model;
    let there = if model.contains('/') || model.ends_with(".gguf") {
        Path::new(model).is_file()
    } else {
        settings.has_model(model)
    };
    let wanted = alone || settings.llm.llm_provider == Some(ProviderKind::Local);
    match (there, wanted) {
        (true, _) => Some(Finding::ok(format!("the local model {model} is installed"))),
        (false, false) => None,
        (false, true) => Some(Finding::warn(
            "no language model is set up: calls, summaries and answers need one",
            format!(
                "set ANTHROPIC_API_KEY, GEMINI_API_KEY, or LLM_BASE_URL and LLM_MODEL; or run `models fetch {model}`"
            ),
        )),
    }
}

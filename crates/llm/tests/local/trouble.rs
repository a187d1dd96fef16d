//! Files that are no models, people who leave, and too many at once.

use crate::support::{MODEL, asked, local, settings, soon, whole};
use llm::{Llm, LlmError, Output, Settings};
use serde_json::json;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Duration;

/// The weights that the other tests use.
fn weights() -> PathBuf {
    let store = model_store::Store::from_env().unwrap();
    store
        .file(MODEL, "model.gguf")
        .expect("run `models fetch --group local-llm-test`")
}

fn with_file(file: &std::path::Path) -> Settings {
    let mut settings = settings();
    settings.local.local_llm_model = file.to_str().unwrap().into();
    settings
}

#[tokio::test]
async fn more_than_can_wait_are_told_when_to_come_back() {
    let llm = local();
    let mut request = asked("Write a very long story about a lighthouse.");
    request.max_tokens = Some(700);
    let first = soon(llm.stream(&request)).await.unwrap();
    let mut waiting = Vec::new();
    let mut refused = None;
    for _ in 0..20 {
        let (llm, request) = (llm.clone(), request.clone());
        let asking = tokio::spawn(async move { llm.stream(&request).await.map(|_| ()) });
        tokio::time::sleep(Duration::from_millis(20)).await;
        if asking.is_finished() {
            refused = asking.await.unwrap().err();
            break;
        }
        waiting.push(asking);
    }
    assert!(
        matches!(refused, Some(LlmError::RateLimited { .. })),
        "{refused:?}"
    );
    assert!(refused.unwrap().retry_after().is_some());
    assert_eq!(waiting.len(), 8);
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
    drop(first);
}

#[tokio::test]
async fn a_model_that_is_not_there_is_an_error_with_what_to_run() {
    let error = whole(
        &Llm::new(&with_file("/no/such.gguf".as_ref())).unwrap(),
        &asked("Hi"),
    )
    .await
    .unwrap_err();
    assert!(matches!(error, LlmError::NotConfigured(_)), "{error:?}");
    assert!(error.to_string().contains("LOCAL_LLM_MODEL"), "{error}");
}

#[tokio::test]
async fn garbage_and_cut_files_are_refused_and_the_next_request_is_too() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("garbage.gguf");
    std::fs::write(&garbage, [7; 100_000]).unwrap();
    let mut head = vec![0; 20 << 20];
    std::fs::File::open(weights())
        .unwrap()
        .read_exact(&mut head)
        .unwrap();
    let cut = folder.path().join("cut.gguf");
    std::fs::File::create(&cut)
        .unwrap()
        .write_all(&head)
        .unwrap();
    for (file, words) in [(&garbage, "not a GGUF file"), (&cut, "cut off")] {
        let llm = Llm::new(&with_file(file)).unwrap();
        for _ in 0..2 {
            let error = whole(&llm, &asked("Hi")).await.unwrap_err();
            assert!(matches!(error, LlmError::BadModel(_)), "{error:?}");
            assert!(error.to_string().contains(words), "{error}");
            assert!(
                !error.to_string().contains(folder.path().to_str().unwrap()),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_kept_is_refused_and_the_next_is_answered() {
    let llm = local();
    let mut request = asked("Hi");
    request.output = Output::Json {
        name: "x",
        schema: json!({"type": "object", "properties": {"a": {"$ref": "#/b"}}}),
    };
    let error = whole(&llm, &request).await.unwrap_err();
    assert!(error.to_string().contains("$ref"), "{error}");
    let long = asked(&"lighthouse ".repeat(3000));
    let error = whole(&llm, &long).await.unwrap_err();
    assert!(error.to_string().contains("LOCAL_LLM_CONTEXT"), "{error}");
    assert!(!whole(&llm, &asked("Hi")).await.unwrap().text.is_empty());
}

#[tokio::test]
async fn a_model_that_was_let_go_comes_back() {
    let mut settings = settings();
    settings.local.local_llm_idle_seconds = 1;
    let llm = Llm::new(&settings).unwrap();
    let first = whole(&llm, &asked("What is 2+3?")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let second = whole(&llm, &asked("What is 2+3?")).await.unwrap();
    assert_eq!(first.text, second.text);
    assert_eq!(second.usage.cached, 0);
}

//! Providers that are slow, full, gone or wrong.

use crate::standin::{Act, StandIn, claude, events, settings, soon};
use futures::StreamExt;
use llm::{Event, Llm, LlmError, ProviderKind, Request};
use std::time::{Duration, Instant};

const BEGUN: &str = "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n\
event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n";
const ENDED: &str = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
const OVERLOADED: &str =
    r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;

#[tokio::test]
async fn an_overloaded_provider_is_asked_again_until_it_answers() {
    let whole = Act::Stream(format!("{BEGUN}{ENDED}"), 100);
    for status in [529, 503, 500] {
        let standin =
            StandIn::playing(vec![Act::Status(status, None, OVERLOADED), whole.clone()]).await;
        let events = soon(events(&claude(&standin), &Request::user("Hi")))
            .await
            .unwrap();
        assert_eq!(events[0], Event::Text("Hello".into()));
        assert_eq!(standin.asked().len(), 2);
    }
}

#[tokio::test]
async fn who_wants_to_be_left_alone_for_long_is() {
    let standin = StandIn::playing(vec![Act::Status(429, Some(60), "{}")]).await;
    let error = soon(events(&claude(&standin), &Request::user("Hi")))
        .await
        .unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert_eq!(standin.asked().len(), 1);
}

#[tokio::test]
async fn a_wrong_key_is_not_tried_again() {
    let standin = StandIn::playing(vec![Act::Status(
        401,
        None,
        r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#,
    )])
    .await;
    let error = soon(events(&claude(&standin), &Request::user("Hi")))
        .await
        .unwrap_err();
    assert!(
        matches!(error, LlmError::BadKey(ProviderKind::Claude)),
        "{error:?}"
    );
    assert!(
        !format!("{error} {error:?}").contains("sk-ant"),
        "keys are never told"
    );
    assert_eq!(standin.asked().len(), 1);
}

#[tokio::test]
async fn what_the_provider_says_of_a_bad_request_is_passed_on() {
    let body = r#"{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: 1000000 > 64000"}}"#;
    let standin = StandIn::playing(vec![Act::Status(400, None, body)]).await;
    let error = soon(events(&claude(&standin), &Request::user("Hi")))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("max_tokens: 1000000 > 64000"),
        "{error}"
    );
}

#[tokio::test]
async fn silence_before_the_answer_and_in_it_is_ended() {
    let standin = StandIn::playing(vec![Act::Stall(String::new())]).await;
    let mut settings = claude(&standin);
    settings.llm_retries = 0;
    let error = soon(events(&settings, &Request::user("Hi")))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            LlmError::Timeout {
                what: "begin its answer",
                ..
            }
        ),
        "{error:?}"
    );
    let standin = StandIn::playing(vec![Act::Stall(BEGUN.into())]).await;
    let error = soon(events(&claude(&standin), &Request::user("Hi")))
        .await
        .unwrap_err();
    assert!(
        matches!(error, LlmError::Timeout { what: "go on", .. }),
        "{error:?}"
    );
    soon(standin.left.notified()).await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_taken_for_a_whole_one() {
    let standin = StandIn::playing(vec![Act::Cut(BEGUN.into())]).await;
    let error = soon(events(&claude(&standin), &Request::user("Hi")))
        .await
        .unwrap_err();
    assert!(matches!(error, LlmError::Broken { .. }), "{error:?}");
    let standin = StandIn::playing(vec![Act::Stream(BEGUN.into(), 100)]).await;
    let error = soon(events(&claude(&standin), &Request::user("Hi")))
        .await
        .unwrap_err();
    assert!(matches!(error, LlmError::Broken { .. }), "{error:?}");
}

#[tokio::test]
async fn dropping_an_answer_ends_the_request_at_the_provider() {
    let standin = StandIn::playing(vec![Act::Stall(BEGUN.into())]).await;
    let llm = Llm::new(&claude(&standin)).unwrap();
    let mut streaming = soon(llm.stream(&Request::user("Hi"))).await.unwrap();
    assert_eq!(
        streaming.next().await.unwrap().unwrap(),
        Event::Text("Hello".into())
    );
    drop(streaming);
    let began = Instant::now();
    soon(standin.left.notified()).await;
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn when_one_is_down_the_next_answers() {
    let down = StandIn::playing(vec![Act::Status(503, None, "{}")]).await;
    let up = StandIn::playing(vec![Act::Stream(
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hello\"}]},\"finishReason\":\"STOP\"}]}\n\n".into(),
        100,
    )])
    .await;
    let mut settings = claude(&down);
    settings.gemini_api_key = Some(service::Secret::new("AIza-test"));
    settings.gemini_base_url = up.url.clone();
    settings.llm_fallback = vec![ProviderKind::Gemini];
    settings.llm_retries = 1;
    let llm = Llm::new(&settings).unwrap();
    for _ in 0..3 {
        let answer = soon(llm.complete(&Request::user("Hi"))).await.unwrap();
        assert_eq!(
            (answer.provider, answer.text.as_str()),
            (ProviderKind::Gemini, "Hello")
        );
    }
    // Two tries each, until the breaker opened after five failures.
    assert!(down.asked().len() <= 6, "{}", down.asked().len());
}

#[tokio::test]
async fn a_model_by_name_picks_its_provider() {
    let standin = StandIn::playing(vec![Act::Stream(format!("{BEGUN}{ENDED}"), 100)]).await;
    let mut settings = claude(&standin);
    settings.gemini_api_key = Some(service::Secret::new("AIza-test"));
    settings.gemini_base_url = "http://127.0.0.1:1/".into();
    settings.llm_provider = Some(ProviderKind::Gemini);
    settings.llm_fallback = vec![ProviderKind::Claude];
    let mut request = Request::user("Hi");
    request.model = Some("claude-haiku-4-5".into());
    let answer = soon(Llm::new(&settings).unwrap().complete(&request))
        .await
        .unwrap();
    assert_eq!(answer.model, "claude-haiku-4-5");
    assert_eq!(standin.asked()[0].body["model"], "claude-haiku-4-5");
}

#[tokio::test]
async fn nobody_home_is_said_soon() {
    let mut settings = settings();
    settings.anthropic_api_key = Some(service::Secret::new("sk-ant-test"));
    settings.anthropic_base_url = "http://127.0.0.1:1/v1/".into();
    let error = soon(events(&settings, &Request::user("Hi")))
        .await
        .unwrap_err();
    assert!(matches!(error, LlmError::Unreachable(_)), "{error:?}");
    let error = soon(events(&crate::standin::settings(), &Request::user("Hi")))
        .await
        .unwrap_err();
    // With the feature `local` it is that model's file that is not there.
    assert!(matches!(error, LlmError::NotConfigured(_)), "{error:?}");
    let mut settings = crate::standin::settings();
    settings.llm_provider = Some(ProviderKind::Claude);
    assert!(matches!(
        Llm::new(&settings),
        Err(LlmError::NotConfigured(_))
    ));
}

#[tokio::test]
async fn a_key_that_is_refused_is_found_before_anybody_asks() {
    for (status, refused) in [(401, true), (403, false), (404, false), (500, false)] {
        let standin = StandIn::playing(vec![Act::Status(status, None, "{}")]).await;
        let llm = Llm::new(&claude(&standin)).unwrap();
        let found = soon(llm.check_keys()).await;
        let expected = if refused {
            vec![ProviderKind::Claude]
        } else {
            Vec::new()
        };
        assert_eq!(found, expected, "{status}");
        let asked = &standin.asked()[0];
        assert_eq!(asked.path, "/v1/models?limit=1");
        assert!(
            asked.headers.contains("x-api-key: sk-ant-test"),
            "{asked:?}"
        );
    }
    let mut settings = settings();
    settings.gemini_api_key = Some(service::Secret::new("AIza-test"));
    let body = r#"{"error":{"code":400,"details":[{"reason":"API_KEY_INVALID"}]}}"#;
    let standin = StandIn::playing(vec![Act::Status(400, None, body)]).await;
    settings.gemini_base_url = standin.url.clone();
    let found = soon(Llm::new(&settings).unwrap().check_keys()).await;
    assert_eq!(found, [ProviderKind::Gemini]);
    settings.gemini_base_url = "http://127.0.0.1:1/v1/".into();
    assert_eq!(soon(Llm::new(&settings).unwrap().check_keys()).await, []);
}

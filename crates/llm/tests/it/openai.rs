//! Servers that speak OpenAI's chat completions: Ollama, vLLM, llama.cpp.

use crate::standin::{Act, StandIn, events, settings, soon};
use llm::{Event, Finish, LlmError, Request, Settings};

const HELLO: &str = "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n\
data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Grüße, \"},\"finish_reason\":null}]}\n\n\
: a comment, as proxies send them to keep a connection open\n\n\
data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"世界!\"},\"finish_reason\":null}]}\n\n\
data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,\"total_tokens\":13}}\n\n\
data: [DONE]\n\n";

fn server(standin: &StandIn) -> Settings {
    let mut settings = settings();
    settings.llm_base_url = Some(standin.url.clone());
    settings.llm_model = Some("qwen2.5:7b".into());
    settings
}

#[tokio::test]
async fn an_answer_is_whole_wherever_its_bytes_are_split() {
    for size in [1, 3, 100_000] {
        let standin = StandIn::playing(vec![Act::Stream(HELLO.into(), size)]).await;
        let events = soon(events(&server(&standin), &Request::user("Hi")))
            .await
            .unwrap();
        assert_eq!(
            events[..2],
            [Event::Text("Grüße, ".into()), Event::Text("世界!".into())]
        );
        let Some(Event::End { usage, finish }) = events.last() else {
            panic!("{events:?}")
        };
        assert_eq!(
            (usage.input, usage.output, *finish),
            (9, 4, Finish::Complete)
        );
        let asked = &standin.asked()[0];
        assert_eq!(asked.path, "/v1/chat/completions");
        assert_eq!(asked.body["model"], "qwen2.5:7b");
        assert_eq!(asked.body["stream_options"]["include_usage"], true);
    }
}

#[tokio::test]
async fn a_server_without_a_model_name_is_refused_at_the_start() {
    let mut settings = settings();
    settings.llm_base_url = Some("http://127.0.0.1:1/v1".into());
    let error = llm::Llm::new(&settings)
        .err()
        .expect("LLM_MODEL is missing");
    assert!(error.to_string().contains("LLM_MODEL"), "{error}");
    settings.llm_model = Some("m".into());
    settings.llm_base_url = Some("ollama".into());
    assert!(matches!(
        llm::Llm::new(&settings),
        Err(LlmError::NotConfigured(_))
    ));
}

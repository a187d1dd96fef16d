//! A conversation that is longer than the context: its oldest turns are left out.

use super::template::Template;
use super::{Done, refused};
use crate::request::{Message, Request};

/// Tokens of an answer, where the request does not say.
pub const ANSWER: u32 = 512;
/// Tokens around a message: its role and its marks, roughly.
const MARKS: usize = 6;

/// A prompt that fits.
#[derive(Debug)]
pub struct Prompt<T> {
    /// Its tokens.
    pub tokens: Vec<T>,
    /// Messages that were left out.
    pub dropped: usize,
}

/// The most of the conversation whose prompt has at most `room` tokens: the system prompt, the tools and the last turn
/// always, and as many of the turns before it as there is room for.
///
/// # Errors
/// [`crate::LlmError::Rejected`] when not even those fit, or as [`Template::render`].
pub fn prompt<T>(
    template: &Template,
    request: &Request,
    room: usize,
    tokens: impl Fn(&str) -> Vec<T>,
) -> Done<Prompt<T>> {
    let messages = &request.messages;
    let last = starts(messages).last().unwrap_or(0);
    // Messages that cannot fit by their own words alone are not rendered at all.
    let mut from = 0;
    let mut sum = 0;
    for (at, message) in messages.iter().enumerate().rev() {
        sum += tokens(words(message)).len() + MARKS;
        if sum > room {
            from = (at + 1).min(last);
            break;
        }
    }
    let mut least = 0;
    for start in starts(messages).filter(|start| *start >= from) {
        let text = template.render(request, &messages[start..])?;
        let tokens = tokens(&text);
        if tokens.len() <= room {
            return Ok(Prompt {
                tokens,
                dropped: start,
            });
        }
        least = tokens.len();
    }
    Err(refused(
        413,
        format!(
            "the system prompt, the tools and the last turn have {least} tokens, and there is room for {room} \
             (LOCAL_LLM_CONTEXT less the answer)"
        ),
    ))
}

/// Where a conversation may begin: with somebody's words that are not the model's.
fn starts(messages: &[Message]) -> impl Iterator<Item = usize> {
    let begins = |at: &usize| {
        let own = |message: &Message| matches!(message, Message::User(_) | Message::Developer(_));
        own(&messages[*at]) && (*at == 0 || !own(&messages[*at - 1]))
    };
    let found: Vec<usize> = (0..messages.len()).filter(begins).collect();
    let found = if found.is_empty() { vec![0] } else { found };
    found.into_iter()
}

fn words(message: &Message) -> &str {
    match message {
        Message::User(text) | Message::Developer(text) | Message::Assistant { text, .. } => text,
        Message::ToolResult { content, .. } => content,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::ToolCall;

    fn template() -> Template {
        let source =
            "{% for message in messages %}{{ message.role }} {{ message.content }} {% endfor %}";
        Template::new(source, Vec::new(), String::new(), String::new()).expect("it is Jinja")
    }

    fn tokens(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn said(text: &str) -> Message {
        Message::Assistant {
            text: text.into(),
            calls: Vec::new(),
        }
    }

    fn conversation() -> Request {
        let call = ToolCall {
            id: "1".into(),
            name: "clock".into(),
            arguments: serde_json::json!({}),
            signatures: Vec::new(),
        };
        Request {
            system: Some("be kind".into()),
            messages: vec![
                Message::User("one two three".into()),
                said("four five"),
                Message::User("six".into()),
                Message::Assistant {
                    text: String::new(),
                    calls: vec![call],
                },
                Message::ToolResult {
                    id: "1".into(),
                    name: "clock".into(),
                    content: "noon".into(),
                },
                said("seven"),
                Message::Developer("eight".into()),
                Message::User("nine".into()),
            ],
            ..Request::default()
        }
    }

    #[test]
    fn oldest_turns_go_first_and_the_system_prompt_stays() {
        let request = conversation();
        for (room, dropped) in [(100, 0), (60, 0), (30, 6), (12, 6)] {
            let prompt = prompt(&template(), &request, room, tokens).expect("it fits");
            assert_eq!(prompt.dropped, dropped, "{room}: {:?}", prompt.tokens);
            assert!(prompt.tokens.len() <= room);
            assert_eq!(prompt.tokens[..3], ["system", "be", "kind"]);
            assert_eq!(prompt.tokens.last().map(String::as_str), Some("nine"));
        }
        let error = prompt(&template(), &request, 5, tokens).expect_err("too little");
        assert!(error.to_string().contains("LOCAL_LLM_CONTEXT"), "{error}");
    }

    #[test]
    fn results_of_calls_stay_with_their_calls() {
        let starts: Vec<usize> = starts(&conversation().messages).collect();
        assert_eq!(starts, [0, 2, 6]);
    }
}

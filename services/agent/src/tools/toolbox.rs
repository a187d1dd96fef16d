//! The tools of one conversation, and how a call of one is run: with a deadline, and never an
//! error for anybody but the model.

use super::calls::{self, Asker, VoiceBot};
use super::declared::{self, DECLARED, Declared, SERVERS};
use super::http::HttpTool;
use super::mcp::Session;
use super::web::Web;
use super::{Called, RESULT, TOOLS, calculator, clock, cut, notes};
use crate::storage::{Owner, Storage};
use api::ErrorCode;
use api::conversation::{ToolSpec, ToolType};
use futures::future::try_join_all;
use jiff::tz::TimeZone;
use llm::ToolCall;
use service::{ApiError, ApiResult};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// What every tool of a conversation may need.
pub struct Context {
    /// The client for addresses users give.
    pub web: Web,
    /// Where notes are.
    pub storage: Arc<dyn Storage>,
    /// Whose.
    pub owner: Owner,
    /// Where calls are.
    pub voice_bot: VoiceBot,
    /// Whose calls, where the token of the request speaks for an account.
    pub asker: Option<Asker>,
    /// The user's time zone.
    pub zone: TimeZone,
    /// How long a call may take, unless its declaration says otherwise.
    pub timeout: Duration,
}

/// The tools of one conversation.
pub struct Toolbox {
    context: Context,
    tools: Vec<Armed>,
}

struct Armed {
    tool: llm::Tool,
    timeout: Duration,
    kind: Kind,
}

enum Kind {
    Clock,
    Calculator,
    Notes,
    SearchCalls(Asker),
    GetCall(Asker),
    Http(Box<HttpTool>),
    Mcp { session: Arc<Session>, name: String },
}

/// What a call came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// For the model.
    pub content: String,
    /// Whether it went wrong.
    pub is_error: bool,
    /// How long it took.
    pub took: Duration,
}

impl Toolbox {
    /// Every built-in tool there is for the caller.
    pub fn builtin(context: Context) -> Self {
        let kinds = BUILT_IN.iter().filter_map(|(_, kind)| kind(&context));
        Toolbox {
            tools: kinds.map(|kind| built_in(kind, &context)).collect(),
            context,
        }
    }

    /// The declared tools; MCP servers are asked for theirs.
    ///
    /// # Errors
    /// 422 for a declaration that makes no sense or an address that may not be called, 424 for a
    /// server that does not answer.
    pub async fn declared(context: Context, specs: &[ToolSpec]) -> ApiResult<Self> {
        let tools = |what: &str| ApiError::invalid_parameter("tools", format!("`tools` {what}."));
        if specs.len() > DECLARED {
            return Err(tools(&format!("has more than {DECLARED} entries")));
        }
        let servers = specs.iter().filter(|spec| spec.r#type == ToolType::Mcp);
        if servers.count() > SERVERS {
            return Err(tools(&format!("has more than {SERVERS} MCP servers")));
        }
        // All are checked before any is called.
        let mut checked = Vec::new();
        for (at, spec) in specs.iter().enumerate() {
            checked.push(declared::check(
                spec,
                &format!("tools[{at}]"),
                &context.web,
            )?);
        }
        let armed = checked
            .into_iter()
            .zip(specs)
            .enumerate()
            .map(|(at, (declared, spec))| {
                arm(
                    declared,
                    declared::timeout(spec, context.timeout),
                    at,
                    &context,
                )
            });
        let mut armed: Vec<Armed> = try_join_all(armed).await?.into_iter().flatten().collect();
        if armed.len() > TOOLS {
            return Err(tools(&format!(
                "come to more than {TOOLS} with those of the MCP servers"
            )));
        }
        armed.sort_by(|a, b| a.tool.name.cmp(&b.tool.name));
        if let Some(pair) = armed
            .windows(2)
            .find(|pair| pair[0].tool.name == pair[1].tool.name)
        {
            return Err(tools(&format!(
                "has two tools named `{}`",
                pair[0].tool.name
            )));
        }
        Ok(Toolbox {
            context,
            tools: armed,
        })
    }

    /// What the model is told.
    pub fn declarations(&self) -> Vec<llm::Tool> {
        self.tools.iter().map(|armed| armed.tool.clone()).collect()
    }

    /// Runs a call. What goes wrong is the result.
    pub async fn call(&self, call: &ToolCall) -> Outcome {
        let begun = Instant::now();
        let result = match self.tools.iter().find(|armed| armed.tool.name == call.name) {
            Some(armed) => {
                let result = timeout(armed.timeout, self.run(&armed.kind, call)).await;
                result.unwrap_or_else(|_| {
                    let seconds = armed.timeout.as_secs();
                    Err(format!("the tool did not answer within {seconds} seconds"))
                })
            }
            None => Err("there is no such tool".into()),
        };
        let took = begun.elapsed();
        let is_error = result.is_err();
        metrics::counter!("agent_tool_calls_total", "result" => if is_error { "error" } else { "ok" })
            .increment(1);
        let content = match result {
            Ok(text) => cut(text, RESULT),
            Err(text) => format!("error: {}", cut(text, RESULT)),
        };
        Outcome {
            content,
            is_error,
            took,
        }
    }

    async fn run(&self, kind: &Kind, call: &ToolCall) -> Called {
        let context = &self.context;
        let none = serde_json::json!({});
        let arguments = match &call.arguments {
            serde_json::Value::Null => &none,
            arguments if arguments.is_object() => arguments,
            _ => return Err("the arguments must be a JSON object".into()),
        };
        match kind {
            Kind::Clock => clock::call(arguments, &context.zone),
            Kind::Calculator => calculator::call(arguments),
            Kind::Notes => notes::call(arguments, &*context.storage, &context.owner).await,
            Kind::SearchCalls(asker) => calls::search(arguments, &context.voice_bot, asker).await,
            Kind::GetCall(asker) => calls::get(arguments, &context.voice_bot, asker).await,
            Kind::Http(endpoint) => endpoint.call(arguments, &context.web).await,
            Kind::Mcp { session, name } => session.call(name, arguments).await,
        }
    }
}

/// A tool of our own, unless the caller may not have it.
type BuiltIn = fn(&Context) -> Option<Kind>;

/// Our own tools by name.
const BUILT_IN: [(&str, BuiltIn); 5] = [
    ("clock", |_| Some(Kind::Clock)),
    ("calculator", |_| Some(Kind::Calculator)),
    ("search_notes", |_| Some(Kind::Notes)),
    ("search_calls", |context| {
        context.asker.clone().map(Kind::SearchCalls)
    }),
    ("get_call", |context| {
        context.asker.clone().map(Kind::GetCall)
    }),
];

/// One of ours, or why not.
fn by_name(name: &str, context: &Context) -> Result<Kind, String> {
    let Some((_, kind)) = BUILT_IN.iter().find(|(known, _)| *known == name) else {
        let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        return Err(format!(
            "must be one of {names} for a built-in tool, not `{name}`"
        ));
    };
    kind(context).ok_or_else(|| {
        format!("names `{name}`, which takes an API token whose `user_id` is the id of an account")
    })
}

fn built_in(kind: Kind, context: &Context) -> Armed {
    let tool = match &kind {
        Kind::Clock => clock::declaration(&context.zone),
        Kind::Calculator => calculator::declaration(),
        Kind::SearchCalls(_) => calls::search_declaration(),
        Kind::GetCall(_) => calls::get_declaration(),
        _ => notes::declaration(),
    };
    Armed {
        tool,
        timeout: context.timeout,
        kind,
    }
}

/// The tools a declaration stands for.
async fn arm(
    declared: Declared,
    timeout: Duration,
    at: usize,
    context: &Context,
) -> ApiResult<Vec<Armed>> {
    let (url, headers) = match declared {
        Declared::Builtin(name) => {
            let kind = by_name(&name, context).map_err(|what| {
                let param = format!("tools[{at}].name");
                let message = format!("`{param}` {what}.");
                ApiError::invalid_parameter(param, message)
            })?;
            return Ok(vec![built_in(kind, context)]);
        }
        Declared::Http { tool, endpoint } => {
            let kind = Kind::Http(endpoint);
            return Ok(vec![Armed {
                tool,
                timeout,
                kind,
            }]);
        }
        Declared::Mcp { url, headers } => (url, headers),
    };
    let opened = tokio::time::timeout(timeout, Session::open(&context.web, url, headers)).await;
    let opened = opened.unwrap_or_else(|_| Err("no answer in time".into()));
    let (session, offered) = opened.map_err(|reason| {
        ApiError::new(
            ErrorCode::UpstreamFailed,
            format!("The MCP server of `tools[{at}]` cannot be used: {reason}."),
        )
        .with_param(format!("tools[{at}].url"))
    })?;
    let session = Arc::new(session);
    let armed = offered.into_iter().take(TOOLS + 1).map(|tool| Armed {
        tool: llm::Tool {
            name: exposed(&tool.name),
            description: cut(tool.description, 4000),
            parameters: match declared::schema_fault(&tool.parameters) {
                None => tool.parameters,
                Some(_) => serde_json::json!({"type": "object"}),
            },
        },
        timeout,
        kind: Kind::Mcp {
            session: session.clone(),
            name: tool.name,
        },
    });
    Ok(armed.collect())
}

/// A server's name for a tool as one that models can call.
fn exposed(name: &str) -> String {
    let letter = |letter: char| match letter {
        letter if letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-') => letter,
        _ => '_',
    };
    let name: String = name.chars().take(64).map(letter).collect();
    if name.is_empty() { "_".into() } else { name }
}

//! What models may call: our own tools, the user's HTTP endpoints, and MCP servers.

mod calculator;
mod calls;
mod clock;
mod declared;
mod http;
mod mcp;
mod mcp_wire;
mod notes;
mod settings;
mod toolbox;
mod web;

pub use calls::{Asker, VoiceBot};
pub use settings::ToolSettings;
pub use toolbox::{Context, Outcome, Toolbox};
pub use web::Web;

/// Characters of a result that the model is told.
const RESULT: usize = 16_000;
/// Tools of one request, those of its MCP servers included.
const TOOLS: usize = 64;

/// What a call came to, for the model to read; or what went wrong, also for it to read.
type Called = Result<String, String>;

/// Cut at a character, with a mark where something is missing.
fn cut(mut text: String, most: usize) -> String {
    if let Some((at, _)) = text.char_indices().nth(most) {
        text.truncate(at);
        text.push_str(" [cut]");
    }
    text
}

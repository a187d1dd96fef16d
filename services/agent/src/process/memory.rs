//! History of `/process`: the turns before are context, this one is kept. Trouble with storage
//! costs the memory, never the answer.

use super::Processed;
use crate::state::AppState;
use crate::storage::{Owner, Turn, TurnRole};
use api::conversation::{Command, Mode};
use llm::Message;

/// Characters of history that are context.
const CHARACTERS: usize = 16_000;
/// Characters kept of one turn.
const TURN: usize = 4_000;

/// The turns before, as the model is told them; the oldest are left out where they are too long.
pub async fn recall(state: &AppState, owner: &Owner, warnings: &mut Vec<String>) -> Vec<Message> {
    let turns = match state.storage.turns(owner, state.config.history_turns).await {
        Ok(turns) => turns,
        Err(error) => {
            tracing::warn!(%error, "history cannot be read");
            warnings.push("Earlier turns could not be read.".into());
            return Vec::new();
        }
    };
    let mut left = CHARACTERS;
    let mut recalled = Vec::new();
    for turn in turns.into_iter().rev() {
        let Some(rest) = left.checked_sub(turn.text.chars().count()) else {
            break;
        };
        left = rest;
        recalled.push(match turn.role {
            TurnRole::User => Message::User(turn.text),
            TurnRole::Event => Message::Developer(turn.text),
            TurnRole::Assistant => Message::Assistant {
                text: turn.text,
                calls: Vec::new(),
            },
        });
    }
    recalled.reverse();
    // A conversation does not begin with an answer.
    let first = recalled
        .iter()
        .position(|message| matches!(message, Message::User(_)));
    recalled.drain(..first.unwrap_or(recalled.len()));
    recalled
}

/// Keeps what was said and what it came to.
pub async fn keep(state: &AppState, owner: &Owner, transcript: &str, processed: &mut Processed) {
    let came_to = match (processed.mode, &processed.command) {
        // Dictated words go elsewhere; they are no part of the conversation.
        (Mode::Dictation, _) => return,
        (_, Some(command)) => turn(TurnRole::Event, &done(command)),
        (Mode::Note, _) => turn(
            TurnRole::Event,
            &format!("Kept as a note: {}", processed.text),
        ),
        _ => turn(TurnRole::Assistant, &processed.text),
    };
    let turns = vec![turn(TurnRole::User, transcript), came_to];
    if let Err(error) = state.storage.add_turns(owner, turns).await {
        tracing::warn!(%error, "history cannot be written");
        processed
            .warnings
            .push("This turn could not be remembered.".into());
    }
}

fn done(command: &Command) -> String {
    let arguments = serde_json::Value::Object(command.arguments.clone());
    format!(
        "The device carries out the command {} {arguments}",
        command.name
    )
}

fn turn(role: TurnRole, text: &str) -> Turn {
    Turn {
        role,
        text: text.chars().take(TURN).collect(),
    }
}

//! Calls as they are read: lists by every condition, the whole of one, its recording; and calls
//! over a plain WebSocket.

mod lists;
mod lookup;
mod recordings;
mod socket;

use crate::support::{Bot, Visitor};
use api::Role;
use api::ids::{CallId, OrganizationId};
use serde_json::{Value, json};

/// An organization with calls.
pub struct Office {
    pub bot: Bot,
    pub owner: Visitor,
    pub organization: OrganizationId,
    pub agents: [String; 2],
    pub customer: String,
}

/// What differs from a completed web call of today.
pub struct Row<'a> {
    pub agent: usize,
    pub customer: bool,
    pub status: &'a str,
    pub created: &'a str,
    pub said: &'a [&'a str],
    pub summary: Option<&'a str>,
    pub recording: Option<String>,
}

impl Default for Row<'_> {
    fn default() -> Self {
        Row {
            agent: 0,
            customer: false,
            status: "completed",
            created: "2026-03-01T12:00:00Z",
            said: &[],
            summary: None,
            recording: None,
        }
    }
}

impl Office {
    pub async fn open(bot: Bot) -> Office {
        let (owner, _, organization) = bot.member(None, Role::Owner).await;
        let mut ids = Vec::new();
        for (path, name) in [("agents", "A"), ("agents", "B"), ("customers", "Jane")] {
            let made = owner
                .post(&format!("/api/{path}"), json!({"name": name}))
                .await
                .expect(201);
            ids.push(made["id"].as_str().expect("an id").to_owned());
        }
        let customer = ids.pop().expect("three were made");
        let agents = [ids.remove(0), ids.remove(0)];
        Office {
            bot,
            owner,
            organization,
            agents,
            customer,
        }
    }

    pub async fn call(&self, row: Row<'_>) -> String {
        let id: CallId = data_model::new_id();
        let segments = row.said.iter().enumerate().map(|(at, text)| {
            json!({"speaker": "customer", "text": text, "start": at, "end": at + 1,
                   "metadata": {"emotion": "EMOTION_NEUTRAL"}})
        });
        sqlx::query(
            "INSERT INTO calls (id, organization_id, agent_id, customer_id, direction, status, created_at, transcript, summary, recording_path)
             VALUES ($1, $2, $3::uuid, $4::uuid, 'web', $5, $6::text::timestamptz, $7, $8, $9)",
        )
        .bind(id.0)
        .bind(self.organization.0)
        .bind(&self.agents[row.agent])
        .bind(row.customer.then_some(&self.customer))
        .bind(row.status)
        .bind(row.created)
        .bind(segments.collect::<Value>())
        .bind(row.summary)
        .bind(row.recording)
        .execute(&self.bot.pool().await)
        .await
        .expect("a call can be written");
        id.to_string()
    }

    pub async fn found(&self, query: &str) -> Vec<String> {
        let list = self
            .owner
            .get(&format!("/api/calls?{query}"))
            .await
            .expect(200);
        let items = list.as_array().or_else(|| list["data"].as_array());
        let ids = items
            .expect("a list")
            .iter()
            .map(|call| call["id"].as_str().unwrap_or_default().to_owned());
        ids.collect()
    }

    /// A call with a recording of these bytes.
    pub async fn recorded(&self, name: &str, bytes: &[u8]) -> String {
        let folder = self
            .bot
            .data
            .path()
            .join("recordings")
            .join(self.organization.to_string());
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        std::fs::write(folder.join(name), bytes).expect("a file can be written");
        let recording = Some(format!("{}/{name}", self.organization));
        self.call(Row {
            recording,
            ..Row::default()
        })
        .await
    }
}

//! Voice agents.

use crate::column::Maybe;
use crate::error::{Error, Result};
use crate::id::new_id;
use crate::page::{Cursor, Page, Paging};
use crate::tenant::Tenant;
use api::agents::VoiceGender;
use api::ids::{AgentId, UserId};
use serde_json::Value;
use time::OffsetDateTime;

/// Who answers calls, or makes them.
#[derive(Debug, Clone)]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// For people.
    pub name: String,
    /// What the language model is told to be.
    pub system_prompt: String,
    /// What it says first.
    pub greeting: String,
    /// A voice, a mix, or a name known from other systems.
    pub voice: String,
    /// Which voice stands in for a name that is not one of ours.
    pub voice_gender: Option<VoiceGender>,
    /// What it listens for and speaks.
    pub language: String,
    /// None: the provider's default.
    pub llm_model: Option<String>,
    /// The number under which it answers, E.164.
    pub phone_number: Option<String>,
    /// An object.
    pub settings: Value,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    pub updated_at: OffsetDateTime,
}

/// What an agent is made of; checked already.
#[derive(Debug, Clone)]
pub struct NewAgent {
    /// For people.
    pub name: String,
    /// What the language model is told to be.
    pub system_prompt: String,
    /// What it says first.
    pub greeting: String,
    /// A voice, a mix, or a name known from other systems.
    pub voice: String,
    /// Which voice stands in for a name that is not one of ours.
    pub voice_gender: Option<VoiceGender>,
    /// What it listens for and speaks.
    pub language: String,
    /// None: the provider's default.
    pub llm_model: Option<String>,
    /// The number under which it answers, E.164.
    pub phone_number: Option<String>,
    /// An object.
    pub settings: Value,
    /// Who makes it.
    pub created_by: UserId,
}

/// What changes of an agent; `None` stays, `Some(None)` is emptied.
#[derive(Debug, Clone, Default)]
pub struct AgentChange {
    /// For people.
    pub name: Option<String>,
    /// What the language model is told to be.
    pub system_prompt: Option<String>,
    /// What it says first.
    pub greeting: Option<String>,
    /// A voice, a mix, or a name known from other systems.
    pub voice: Option<String>,
    /// Which voice stands in for a name that is not one of ours.
    pub voice_gender: Option<Option<VoiceGender>>,
    /// What it listens for and speaks.
    pub language: Option<String>,
    /// Of the language model.
    pub llm_model: Option<Option<String>>,
    /// The number under which it answers, E.164.
    pub phone_number: Option<Option<String>>,
    /// Replaces all settings.
    pub settings: Option<Value>,
}

/// A statement that gives agents: what stands before and after the columns, and its arguments.
macro_rules! agents {
    ($before:literal, $after:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            Agent,
            $before + r#" id, name, system_prompt, greeting, voice,
                voice_gender AS "voice_gender!: Maybe<VoiceGender>", language, llm_model, phone_number, settings,
                created_by AS "created_by!: Maybe<UserId>", created_at, updated_at "# + $after
            $(, $argument)*
        )
    };
}

impl Tenant<'_> {
    /// All agents, or a page of them.
    pub async fn agents(&self, paging: Paging) -> Result<Page<Agent>> {
        let rows = agents!(
            "SELECT",
            "FROM agents
             WHERE organization_id = $1 AND deleted_at IS NULL
               AND (created_at, id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
             ORDER BY created_at DESC, id DESC LIMIT $4",
            self.id().0,
            paging.time(),
            paging.id(),
            paging.fetch(),
        )
        .fetch_all(self.pool())
        .await?;
        Ok(paging.page(rows, |agent| Cursor {
            time: agent.created_at,
            id: agent.id.0,
        }))
    }

    /// One agent.
    pub async fn agent(&self, id: AgentId) -> Result<Agent> {
        let agent = agents!(
            "SELECT",
            "FROM agents WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL",
            self.id().0,
            id.0,
        )
        .fetch_one(self.pool())
        .await?;
        Ok(agent)
    }

    /// Makes an agent. A number that another one answers is the constraint `agents_phone_number`.
    pub async fn add_agent(&self, new: &NewAgent) -> Result<Agent> {
        let agent = agents!(
            "INSERT INTO agents (id, organization_id, name, system_prompt, greeting, voice, voice_gender,
                                 language, llm_model, phone_number, settings, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING",
            "",
            new_id::<AgentId>().0,
            self.id().0,
            new.name,
            new.system_prompt,
            new.greeting,
            new.voice,
            new.voice_gender.map(VoiceGender::as_str),
            new.language,
            new.llm_model,
            new.phone_number,
            new.settings,
            new.created_by.0,
        )
        .fetch_one(self.pool())
        .await?;
        Ok(agent)
    }

    /// Changes an agent.
    pub async fn change_agent(&self, id: AgentId, change: &AgentChange) -> Result<Agent> {
        let gender = change.voice_gender.flatten().map(VoiceGender::as_str);
        let agent = agents!(
            "UPDATE agents SET
                name = coalesce($3, name), system_prompt = coalesce($4, system_prompt),
                greeting = coalesce($5, greeting), voice = coalesce($6, voice),
                language = coalesce($7, language), settings = coalesce($8, settings),
                voice_gender = CASE WHEN $9 THEN $10 ELSE voice_gender END,
                llm_model = CASE WHEN $11 THEN $12 ELSE llm_model END,
                phone_number = CASE WHEN $13 THEN $14 ELSE phone_number END,
                updated_at = now()
             WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING",
            "",
            self.id().0,
            id.0,
            change.name.as_deref(),
            change.system_prompt.as_deref(),
            change.greeting.as_deref(),
            change.voice.as_deref(),
            change.language.as_deref(),
            change.settings.as_ref(),
            change.voice_gender.is_some(),
            gender,
            change.llm_model.is_some(),
            change.llm_model.as_ref().and_then(Option::as_deref),
            change.phone_number.is_some(),
            change.phone_number.as_ref().and_then(Option::as_deref),
        )
        .fetch_one(self.pool())
        .await?;
        Ok(agent)
    }

    /// Takes an agent away; where calls refer to it, its row stays for them.
    pub async fn delete_agent(&self, id: AgentId) -> Result<()> {
        let mut tx = self.pool().begin().await?;
        // Locked, so that no call can come to refer to it meanwhile.
        let found = sqlx::query!(
            "SELECT id FROM agents WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL FOR UPDATE",
            self.id().0,
            id.0
        )
        .fetch_optional(&mut *tx)
        .await?;
        found.ok_or(Error::NotFound)?;
        let deleted = sqlx::query!(
            "DELETE FROM agents WHERE organization_id = $1 AND id = $2
             AND NOT EXISTS (SELECT 1 FROM calls WHERE organization_id = $1 AND agent_id = $2)",
            self.id().0,
            id.0
        )
        .execute(&mut *tx)
        .await?;
        if deleted.rows_affected() == 0 {
            sqlx::query!(
                "UPDATE agents SET deleted_at = now() WHERE organization_id = $1 AND id = $2",
                self.id().0,
                id.0
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

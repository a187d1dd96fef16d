//! An organization with something of everything, all of it marked, so that a leak is found by
//! looking for the mark.

use crate::support::{Bot, Visitor};
use api::ids::UserId;
use serde_json::Value;
use sqlx::PgPool;
use std::time::Duration;
use uuid::Uuid;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Nobody,
    /// A guest, whose space the organization is.
    Guest,
    Member,
    Admin,
    Owner,
    /// The owner of another organization.
    Stranger,
    /// A guest in another space.
    StrangeGuest,
}

/// An organization and its people.
pub struct World {
    /// In every text it owns.
    pub mark: String,
    organization: Uuid,
    owner: Uuid,
    admin: Uuid,
    member: Uuid,
    colleague: Uuid,
    agent: Uuid,
    /// Nothing refers to it.
    idle_agent: Uuid,
    customer: Uuid,
    call: Uuid,
    invitation: Uuid,
    /// Of another organization, to each of our people.
    invited: Uuid,
}

/// Where `MARK` and words in capitals are put in. Agents answer numbers of their own.
const ROWS: &str = "
    INSERT INTO users (id, email, name, auth_provider, email_verified_at) VALUES
        ('OWNER', 'owner-MARK@example.com', 'owner MARK', 'password', now()),
        ('ADMIN', 'admin-MARK@example.com', 'admin MARK', 'password', now()),
        ('MEMBER', 'member-MARK@example.com', 'member MARK', 'password', now()),
        ('COLLEAGUE', 'colleague-MARK@example.com', 'colleague MARK', 'password', now());
    INSERT INTO organizations (id, name, slug, owner_user_id) VALUES
        ('ORGANIZATION', 'organization MARK', 'slug-MARK', 'OWNER'),
        ('INVITED', 'another', 'another-MARK', 'OWNER');
    INSERT INTO organization_memberships (organization_id, user_id, role) VALUES
        ('ORGANIZATION', 'OWNER', 'owner'), ('ORGANIZATION', 'ADMIN', 'admin'),
        ('ORGANIZATION', 'MEMBER', 'member'), ('ORGANIZATION', 'COLLEAGUE', 'member');
    INSERT INTO user_sessions (id, family_id, user_id, organization_id, refresh_token_hash, expires_at)
        SELECT id, id, id, 'ORGANIZATION', sha256(id::text::bytea), now() + interval '1 day' FROM users
        WHERE id IN ('OWNER', 'ADMIN', 'MEMBER', 'COLLEAGUE');
    INSERT INTO organization_invitations (id, organization_id, email, role, token_hash, invited_by, expires_at) VALUES
        ('INVITATION', 'ORGANIZATION', 'invited-MARK@example.com', 'member', sha256('LETTER'), 'OWNER', now() + interval '7 days');
    INSERT INTO agents (id, organization_id, name, system_prompt, greeting, voice, phone_number) VALUES
        ('AGENT', 'ORGANIZATION', 'agent MARK', 'prompt MARK', 'greeting MARK', 'af_heart', '+1NUMBER'),
        ('IDLE', 'ORGANIZATION', 'idle MARK', 'prompt MARK', 'greeting MARK', 'af_heart', NULL);
    INSERT INTO customers (id, organization_id, name, phone_number, email, metadata) VALUES
        ('CUSTOMER', 'ORGANIZATION', 'customer MARK', '+1NUMBER', 'customer-MARK@example.com', '{\"note\": \"MARK\"}');
    INSERT INTO calls (id, organization_id, agent_id, customer_id, direction, status, transcript, summary, metadata, recording_path, started_by, provider_call_id) VALUES
        ('CALL', 'ORGANIZATION', 'AGENT', 'CUSTOMER', 'web', 'in-progress', '[{\"speaker\": \"agent\", \"text\": \"MARK\"}]',
         'summary MARK', '{\"note\": \"MARK\"}', 'ORGANIZATION/CALL.wav', 'MEMBER', 'CAMARK');
    INSERT INTO audit_logs (id, user_id, organization_id, action, details) VALUES
        ('CALL', 'OWNER', 'ORGANIZATION', 'login', '{\"note\": \"MARK\"}');
";

impl World {
    /// A new one; a guest's space has nobody but the guest and, for the tests, a colleague.
    pub async fn new(bot: &Bot, pool: &PgPool) -> World {
        let id = Uuid::now_v7;
        let mark = id().simple().to_string();
        let world = World {
            mark,
            organization: id(),
            owner: id(),
            admin: id(),
            member: id(),
            colleague: id(),
            agent: id(),
            idle_agent: id(),
            customer: id(),
            call: id(),
            invitation: id(),
            invited: id(),
        };
        let rows = world.fill(ROWS, None);
        sqlx::raw_sql(sqlx::AssertSqlSafe(rows))
            .execute(pool)
            .await
            .expect("a world is made");
        let folder = bot
            .state
            .config
            .recordings_dir()
            .join(world.organization.to_string());
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let recording = folder.join(format!("{}.wav", world.call));
        std::fs::write(recording, &world.mark).expect("a file can be written");
        world
    }

    /// Puts ids in the place of words in capitals. `asker` is who gets the letter `INVITED`.
    pub fn fill(&self, text: &str, asker: Option<Who>) -> String {
        let letter = format!("letter-{}", self.mark);
        let invited = match asker {
            // Whoever is not of us holds a letter that is not theirs.
            Some(Who::Nobody | Who::Stranger | Who::StrangeGuest) => letter.clone(),
            Some(who) => format!("letter-{who:?}-{}", self.mark),
            None => self.invited.to_string(),
        };
        // Ids of version 7 differ in their last digits.
        let number = format!("{:010}", self.agent.as_u128() % 10_000_000_000);
        [
            ("INVITED", invited),
            ("ORGANIZATION", self.organization.to_string()),
            ("COLLEAGUE", self.colleague.to_string()),
            ("INVITATION", self.invitation.to_string()),
            ("CUSTOMER", self.customer.to_string()),
            ("NUMBER", number),
            ("LETTER", letter),
            ("MEMBER", self.member.to_string()),
            ("OWNER", self.owner.to_string()),
            ("ADMIN", self.admin.to_string()),
            ("AGENT", self.agent.to_string()),
            ("IDLE", self.idle_agent.to_string()),
            ("CALL", self.call.to_string()),
            ("MARK", self.mark.clone()),
        ]
        .iter()
        .fold(text.to_owned(), |text, (word, with)| {
            text.replace(word, with)
        })
    }

    /// One of its people, signed in.
    pub async fn visitor(&self, bot: &Bot, pool: &PgPool, who: Who) -> Visitor {
        let user = match who {
            Who::Nobody => return bot.visitor(),
            Who::Guest | Who::StrangeGuest | Who::Owner | Who::Stranger => self.owner,
            Who::Admin => self.admin,
            Who::Member => self.member,
        };
        let statement = match who {
            Who::Guest | Who::StrangeGuest => {
                "UPDATE users SET email = NULL, email_verified_at = NULL, auth_provider = 'guest' WHERE id = $1 AND $2::text <> '' AND $3::uuid IS NOT NULL"
            }
            _ => {
                "INSERT INTO organization_invitations (id, organization_id, email, role, token_hash, expires_at)
                 SELECT gen_random_uuid(), $3, email, 'member', sha256($2::text::bytea), now() + interval '1 day' FROM users WHERE id = $1"
            }
        };
        let letter = self.fill("INVITED", Some(who));
        if who != Who::Stranger {
            sqlx::query(statement)
                .bind(user)
                .bind(letter)
                .bind(self.invited)
                .execute(pool)
                .await
                .expect("they are made what they are");
        }
        let life = Duration::from_secs(900);
        let token = voice_bot::session::access_token(&bot.state, UserId(user), user.into(), life);
        let visitor = bot.visitor();
        visitor.set_cookie("access_token", &token.expect("a token can be signed"));
        visitor
    }

    /// Everything the organization owns, in a form that shows any change.
    pub async fn snapshot(&self, pool: &PgPool, tables: &[String]) -> Vec<String> {
        let parts = tables.iter().map(|table| {
            let key = if table == "organizations" { "id" } else { "organization_id" };
            format!("SELECT '{table} ' || coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '') FROM {table} t WHERE {key} = $1")
        });
        let query = parts.collect::<Vec<_>>().join(" UNION ALL ");
        sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(self.organization)
            .fetch_all(pool)
            .await
            .expect("everything can be read")
    }
}

/// Tables of what organizations own. Sessions belong to people, and the log grows.
pub async fn tables(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT table_name::text FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name = 'organization_id'
           AND table_name NOT IN ('user_sessions', 'audit_logs')
         UNION SELECT 'organizations'",
    )
    .fetch_all(pool)
    .await
    .expect("the schema can be read")
}

/// `METHOD /path` of each operation of a document.
pub fn operations(document: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().expect("a document has paths");
    let methods = |(path, item): (&String, &Value)| {
        let item = item.as_object().expect("a path has methods").clone();
        let known = ["get", "post", "put", "patch", "delete", "head", "options"];
        let methods = known
            .into_iter()
            .filter(move |method| item.contains_key(*method));
        let path = path.clone();
        methods
            .map(move |method| format!("{} {path}", method.to_uppercase()))
            .collect::<Vec<_>>()
    };
    paths.iter().flat_map(methods).collect()
}

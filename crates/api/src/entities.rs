//! Names, amounts, dates and numbers in what was said: the entities of a segment.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody or something named in a segment, such as `{"type": "PERSON", "value": "Diana"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entity {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: EntityType,
    /// As it stands in the segment's text.
    pub value: String,
    /// Where it begins in the segment's text, in Unicode characters (code points).
    pub start_char: usize,
    /// Where it ends, the character after its last one.
    pub end_char: usize,
    /// Seconds from the start of the audio; left out where the words have no times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<f64>,
    /// Seconds from the start of the audio; left out where the words have no times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<f64>,
}

/// What an entity is. PERSON, ORG and PLACE are found in English only; docs/entities.md has what
/// works in which language, and how well.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum EntityType {
    /// A person's name.
    Person,
    /// A company, an institution, a team.
    Org,
    /// A country, a town, a region, a building.
    Place,
    /// An amount of money.
    Money,
    /// A day, a month, a year.
    Date,
    /// A time of the day.
    Time,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// The number of an account, a card, an order, a claim.
    Account,
    /// A type of a model's own: what its token `ENTITY_...` is called after that, such as `DISH`.
    #[serde(untagged)]
    Own(String),
}

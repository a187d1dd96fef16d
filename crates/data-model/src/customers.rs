//! Customers: who calls, or is called.

use crate::error::{Error, Result};
use crate::id::new_id;
use crate::page::{Cursor, Page, Paging};
use crate::tenant::Tenant;
use api::ids::CustomerId;
use serde_json::Value;
use time::OffsetDateTime;

/// Somebody who calls, or is called.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Their id.
    pub id: CustomerId,
    /// What they are called.
    pub name: String,
    /// E.164; callers are recognised by it.
    pub phone_number: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// An object.
    pub metadata: Value,
    /// When the record was made.
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    pub updated_at: OffsetDateTime,
}

/// What a customer is made of; checked already.
#[derive(Debug, Clone)]
pub struct NewCustomer {
    /// What they are called.
    pub name: String,
    /// E.164.
    pub phone_number: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// An object.
    pub metadata: Value,
}

/// What changes of a customer; `None` stays, `Some(None)` is emptied.
#[derive(Debug, Clone, Default)]
pub struct CustomerChange {
    /// What they are called.
    pub name: Option<String>,
    /// E.164.
    pub phone_number: Option<Option<String>>,
    /// Their e-mail address.
    pub email: Option<Option<String>>,
    /// Replaces all metadata.
    pub metadata: Option<Value>,
}

/// A statement that gives customers: what stands before and after the columns, and its arguments.
macro_rules! customers {
    ($before:literal, $after:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            Customer,
            $before + r#" id, name, phone_number, email::text AS email, metadata, created_at, updated_at "# + $after
            $(, $argument)*
        )
    };
}

impl Tenant<'_> {
    /// All customers, or a page of them.
    pub async fn customers(&self, paging: Paging) -> Result<Page<Customer>> {
        let rows = customers!(
            "SELECT",
            "FROM customers
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
        Ok(paging.page(rows, |customer| Cursor {
            time: customer.created_at,
            id: customer.id.0,
        }))
    }

    /// One customer.
    pub async fn customer(&self, id: CustomerId) -> Result<Customer> {
        let customer = customers!(
            "SELECT",
            "FROM customers WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL",
            self.id().0,
            id.0,
        )
        .fetch_one(self.pool())
        .await?;
        Ok(customer)
    }

    /// Who has this telephone number (E.164).
    pub async fn customer_by_number(&self, number: &str) -> Result<Option<Customer>> {
        let customer = customers!(
            "SELECT",
            "FROM customers WHERE organization_id = $1 AND phone_number = $2 AND deleted_at IS NULL",
            self.id().0,
            number,
        )
        .fetch_optional(self.pool())
        .await?;
        Ok(customer)
    }

    /// Makes a customer. A number that another one has is the constraint `customers_phone_number`.
    pub async fn add_customer(&self, new: &NewCustomer) -> Result<Customer> {
        let customer = customers!(
            "INSERT INTO customers (id, organization_id, name, phone_number, email, metadata)
             VALUES ($1, $2, $3, $4, $5::text::citext, $6) RETURNING",
            "",
            new_id::<CustomerId>().0,
            self.id().0,
            new.name,
            new.phone_number,
            new.email,
            new.metadata,
        )
        .fetch_one(self.pool())
        .await?;
        Ok(customer)
    }

    /// Changes a customer.
    pub async fn change_customer(
        &self,
        id: CustomerId,
        change: &CustomerChange,
    ) -> Result<Customer> {
        let customer = customers!(
            "UPDATE customers SET
                name = coalesce($3, name), metadata = coalesce($4, metadata),
                phone_number = CASE WHEN $5 THEN $6 ELSE phone_number END,
                email = CASE WHEN $7 THEN $8::text::citext ELSE email END,
                updated_at = now()
             WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING",
            "",
            self.id().0,
            id.0,
            change.name.as_deref(),
            change.metadata.as_ref(),
            change.phone_number.is_some(),
            change.phone_number.as_ref().and_then(Option::as_deref),
            change.email.is_some(),
            change.email.as_ref().and_then(Option::as_deref),
        )
        .fetch_one(self.pool())
        .await?;
        Ok(customer)
    }

    /// Takes a customer away; where calls refer to them, their row stays for those.
    pub async fn delete_customer(&self, id: CustomerId) -> Result<()> {
        let mut tx = self.pool().begin().await?;
        // Locked, so that no call can come to refer to it meanwhile.
        let found = sqlx::query!(
            "SELECT id FROM customers WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL FOR UPDATE",
            self.id().0,
            id.0
        )
        .fetch_optional(&mut *tx)
        .await?;
        found.ok_or(Error::NotFound)?;
        let deleted = sqlx::query!(
            "DELETE FROM customers WHERE organization_id = $1 AND id = $2
             AND NOT EXISTS (SELECT 1 FROM calls WHERE organization_id = $1 AND customer_id = $2)",
            self.id().0,
            id.0
        )
        .execute(&mut *tx)
        .await?;
        if deleted.rows_affected() == 0 {
            sqlx::query!(
                "UPDATE customers SET deleted_at = now() WHERE organization_id = $1 AND id = $2",
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

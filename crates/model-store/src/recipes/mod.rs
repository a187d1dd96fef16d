//! Every recipe, by the name that manifests use.

mod copy;

use crate::recipe::Recipe;

/// All recipes of this build.
pub static ALL: &[&dyn Recipe] = &[&copy::Copy];

/// The recipe of that name, or `None`.
pub fn by_name(name: &str) -> Option<&'static dyn Recipe> {
    ALL.iter().copied().find(|recipe| recipe.name() == name)
}

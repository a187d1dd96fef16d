//! Where graphs run.

use std::fmt;
use std::str::FromStr;

/// What the operator asked for (`ASR_DEVICE`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DevicePreference {
    /// CUDA where it works, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// CUDA or nothing.
    Cuda,
}

/// `auto`, `cpu` and `cuda` are the only names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown device `{0}`; use auto, cpu or cuda")]
pub struct UnknownDevice(pub String);

impl FromStr for DevicePreference {
    type Err = UnknownDevice;

    fn from_str(text: &str) -> Result<Self, UnknownDevice> {
        match text.trim().to_ascii_lowercase().as_str() {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda),
            _ => Err(UnknownDevice(text.chars().take(32).collect())),
        }
    }
}

impl fmt::Display for DevicePreference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        })
    }
}

/// Where graphs really run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    /// The CPU.
    Cpu,
    /// The first CUDA device.
    Cuda,
}

impl Device {
    /// `cpu` or `cuda`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_devices_have_names() {
        assert_eq!("CUDA".parse(), Ok(DevicePreference::Cuda));
        assert_eq!("auto".parse(), Ok(DevicePreference::Auto));
        let error = "tpu".parse::<DevicePreference>().map_err(|e| e.to_string());
        assert_eq!(
            error,
            Err("unknown device `tpu`; use auto, cpu or cuda".into())
        );
    }
}

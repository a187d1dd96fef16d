//! What there is to compute with.

use crate::{Finding, Settings};
use std::fs;
use std::path::Path;

/// Memory below which the smallest variant is short of it, bytes.
const LITTLE_MEMORY: u64 = 2 << 30;

/// Looks at the processor, memory, and CUDA where it is asked for or there.
pub async fn check(settings: &Settings) -> Vec<Finding> {
    let mut found = vec![processor()];
    if let Some(bytes) = memory() {
        let gib = bytes as f64 / f64::from(1 << 30);
        found.push(if bytes < LITTLE_MEMORY {
            Finding::warn(
                format!("{gib:.1} GiB of memory"),
                "use VARIANT=en-lite, or a larger machine",
            )
        } else {
            Finding::ok(format!("{gib:.1} GiB of memory"))
        });
    }
    for (variable, device) in [
        ("ASR_DEVICE", &settings.asr_device),
        ("TTS_DEVICE", &settings.tts_device),
    ] {
        if !["auto", "cpu", "cuda"].contains(&device.as_str()) {
            found.push(Finding::fail(
                format!("{variable} is `{device}`"),
                "set it to auto, cpu or cuda",
            ));
        }
    }
    let wanted = [&settings.asr_device, &settings.tts_device].contains(&&"cuda".to_owned());
    let card = Path::new("/dev/nvidia0").exists() || Path::new("/dev/dxg").exists();
    let installed = settings.has_model("onnxruntime-cuda");
    found.push(match (wanted, card, installed) {
        (true, false, _) => Finding::fail(
            "CUDA is asked for, but no NVIDIA device is visible",
            "install the driver and, in a container, pass the device (`--gpus all`); or set ASR_DEVICE and TTS_DEVICE to auto",
        ),
        (true, true, false) => Finding::fail(
            "CUDA is asked for, but the GPU build of ONNX Runtime is not installed",
            "run `models fetch --group cuda`",
        ),
        (false, true, false) => Finding::warn(
            "there is an NVIDIA device, which is not used",
            "run `models fetch --group cuda` to use it, or set ASR_DEVICE and TTS_DEVICE to cpu",
        ),
        (_, true, true) => Finding::ok("there is an NVIDIA device, and the GPU build of ONNX Runtime"),
        (false, false, _) => Finding::ok("no NVIDIA device; everything runs on the processor"),
    });
    found
}

fn processor() -> Finding {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    #[cfg(target_arch = "x86_64")]
    {
        let wide = std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma");
        if !wide {
            return Finding::warn(
                format!(
                    "{cores} cores without AVX2: recognition is several times slower than measured"
                ),
                "use a processor of 2013 or newer; in a virtual machine, pass the host's processor through",
            );
        }
        Finding::ok(format!("{cores} cores with AVX2"))
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        Finding::ok(format!("{cores} cores ({})", std::env::consts::ARCH))
    }
}

/// Memory that this process may have: of the machine, or less where a container limits it.
fn memory() -> Option<u64> {
    let info = fs::read_to_string("/proc/meminfo").ok()?;
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let machine: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    let limit = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let limit = limit.and_then(|text| text.trim().parse::<u64>().ok());
    Some(limit.map_or(machine * 1024, |limit| limit.min(machine * 1024)))
}

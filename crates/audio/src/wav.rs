//! Writing WAV, all at once or as it comes.

use std::io::{self, Seek, SeekFrom, Write};

/// How samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WavEncoding {
    /// 16-bit integers, rounded and clipped at full scale.
    S16,
    /// 32-bit floats, unchanged.
    F32,
}

impl WavEncoding {
    fn bytes(self) -> u16 {
        match self {
            WavEncoding::S16 => 2,
            WavEncoding::F32 => 4,
        }
    }
}

/// The 44 bytes in front of the samples. `data_bytes` of `None` means "until the end", as
/// written to a pipe.
pub fn header(
    encoding: WavEncoding,
    sample_rate_hz: u32,
    channels: u16,
    data_bytes: Option<u32>,
) -> [u8; 44] {
    let frame = encoding.bytes() * channels;
    let tag: u16 = if encoding == WavEncoding::S16 { 1 } else { 3 };
    let mut out = [0; 44];
    out[..4].copy_from_slice(b"RIFF");
    out[4..8].copy_from_slice(
        &data_bytes
            .map_or(u32::MAX, |n| n.saturating_add(36))
            .to_le_bytes(),
    );
    out[8..16].copy_from_slice(b"WAVEfmt ");
    out[16..20].copy_from_slice(&16u32.to_le_bytes());
    out[20..22].copy_from_slice(&tag.to_le_bytes());
    out[22..24].copy_from_slice(&channels.to_le_bytes());
    out[24..28].copy_from_slice(&sample_rate_hz.to_le_bytes());
    out[28..32].copy_from_slice(&(sample_rate_hz * u32::from(frame)).to_le_bytes());
    out[32..34].copy_from_slice(&frame.to_le_bytes());
    out[34..36].copy_from_slice(&(encoding.bytes() * 8).to_le_bytes());
    out[36..40].copy_from_slice(b"data");
    out[40..44].copy_from_slice(&data_bytes.unwrap_or(u32::MAX).to_le_bytes());
    out
}

/// The nearest 16-bit sample; full scale at 1.0, clipped beyond.
pub fn to_s16(sample: f32) -> i16 {
    // A cast from float saturates, and makes 0 of what is no number.
    (sample * 32768.0).round() as i16
}

/// Writes a WAV as samples arrive; [`WavWriter::finish`] puts the sizes in the header.
pub struct WavWriter<W: Write + Seek> {
    sink: W,
    encoding: WavEncoding,
    sample_rate_hz: u32,
    channels: u16,
    data_bytes: u64,
    buffer: Vec<u8>,
}

impl<W: Write + Seek> WavWriter<W> {
    /// Starts a file at the current position of `sink`, which must be its beginning.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn new(
        mut sink: W,
        encoding: WavEncoding,
        sample_rate_hz: u32,
        channels: u16,
    ) -> io::Result<Self> {
        sink.write_all(&header(encoding, sample_rate_hz, channels, None))?;
        Ok(WavWriter {
            sink,
            encoding,
            sample_rate_hz,
            channels,
            data_bytes: 0,
            buffer: Vec::new(),
        })
    }

    /// Appends interleaved samples.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn write(&mut self, samples: &[f32]) -> io::Result<()> {
        self.buffer.clear();
        match self.encoding {
            WavEncoding::S16 => self
                .buffer
                .extend(samples.iter().flat_map(|s| to_s16(*s).to_le_bytes())),
            WavEncoding::F32 => self
                .buffer
                .extend(samples.iter().flat_map(|s| s.to_le_bytes())),
        }
        self.data_bytes += self.buffer.len() as u64;
        self.sink.write_all(&self.buffer)
    }

    /// Appends interleaved samples that are 16-bit integers already.
    ///
    /// # Errors
    /// Those of the sink; or the file is not one of 16-bit integers.
    pub fn write_s16(&mut self, samples: &[i16]) -> io::Result<()> {
        if self.encoding != WavEncoding::S16 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.buffer.clear();
        self.buffer
            .extend(samples.iter().flat_map(|s| s.to_le_bytes()));
        self.data_bytes += self.buffer.len() as u64;
        self.sink.write_all(&self.buffer)
    }

    /// The file being written.
    pub fn sink(&self) -> &W {
        &self.sink
    }

    /// Completes the header and gives the sink back. Beyond 4 GiB the header keeps saying
    /// "until the end".
    ///
    /// # Errors
    /// Those of the sink.
    pub fn finish(mut self) -> io::Result<W> {
        self.mark()?;
        Ok(self.sink)
    }

    /// Completes the header for what was written so far, so that the file can be read should the
    /// process end now.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn mark(&mut self) -> io::Result<()> {
        let size = u32::try_from(self.data_bytes)
            .ok()
            .filter(|size| *size < u32::MAX - 36);
        self.sink.seek(SeekFrom::Start(0))?;
        self.sink.write_all(&header(
            self.encoding,
            self.sample_rate_hz,
            self.channels,
            size,
        ))?;
        self.sink.seek(SeekFrom::End(0))?;
        self.sink.flush()
    }
}

/// A whole mono or interleaved WAV in memory.
pub fn to_bytes(
    samples: &[f32],
    encoding: WavEncoding,
    sample_rate_hz: u32,
    channels: u16,
) -> Vec<u8> {
    let size = samples.len() * usize::from(encoding.bytes());
    let size = u32::try_from(size)
        .ok()
        .filter(|size| *size < u32::MAX - 36);
    let mut out = header(encoding, sample_rate_hz, channels, size).to_vec();
    match encoding {
        WavEncoding::S16 => out.extend(samples.iter().flat_map(|s| to_s16(*s).to_le_bytes())),
        WavEncoding::F32 => out.extend(samples.iter().flat_map(|s| s.to_le_bytes())),
    }
    out
}

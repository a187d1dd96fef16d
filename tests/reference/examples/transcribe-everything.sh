# With diarization + metadata + AI analysis
curl -X POST http://localhost:8001/transcribe \
  -F "file=@call.mp3" \
  -F "diarize=true" \
  -F "num_speakers=2" \
  -F "punctuation=true" \
  -F "itn=true" \
  -F "metadata_prob=true" \
  -F "word_timestamps=true" \
  -F "speech_analysis=true" \
  -F "summarize=sales_coaching" \
  -o result.json

# Batch with diarization
curl -X POST http://localhost:8001/transcribe \
  -F "file=@meeting.wav" \
  -F "diarize=true" \
  -F "num_speakers=3"

# Response includes per-speaker segments:
# [SPEAKER_00]: "Hello, good morning."
# [SPEAKER_01]: "Hi, how are you?"
# [SPEAKER_00]: "I'm doing well, thank you."
# [SPEAKER_02]: "Let's get started."
# Each segment has its own metadata (emotion, age, gender per speaker)

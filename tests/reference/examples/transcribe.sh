curl -X POST http://localhost:8001/transcribe \
  -F "file=@call.mp3"

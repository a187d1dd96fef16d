wscat -c "ws://localhost:9000/asr/stream?token=wh_YOUR_TOKEN"

import asyncio, json, websockets

async def stream(audio_path):
    async with websockets.connect("ws://localhost:8001/stream") as ws:
        # 1. Config
        await ws.send(json.dumps({
            "type": "config",
            "sample_rate": 16000,
            "language": "en",
            "model": "en-in-tech-misc", # optional
            "interim_results": True
        }))
        # 2. Stream audio chunks (100ms = 3200 bytes at 16kHz s16le)
        with open(audio_path, "rb") as f:
            while chunk := f.read(3200):
                await ws.send(chunk)
                await asyncio.sleep(0.05) # pace to real-time
        # 3. Signal end
        await ws.send(json.dumps({"type": "end"}))
        # 4. Receive results
        async for msg in ws:
            data = json.loads(msg)
            if data.get("is_final"):
                print(f"FINAL: {data['text']}")
                print(f" emotion={data['metadata']['emotion']}")
            elif data["type"] == "transcript":
                print(f" interim: {data['text']}")
            elif data["type"] == "end":
                break

asyncio.run(stream("call.wav"))

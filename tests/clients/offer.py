"""Prints an SDP offer for a call: sound both ways and a data channel, as a browser's page makes it."""

import asyncio

from aiortc import RTCConfiguration, RTCPeerConnection


async def main():
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTransceiver("audio", direction="sendrecv")
    peer.createDataChannel("events")
    await peer.setLocalDescription(await peer.createOffer())
    print(peer.localDescription.sdp, end="")
    await peer.close()


asyncio.run(main())

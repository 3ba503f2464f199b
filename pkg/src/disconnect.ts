/** What a content security policy does not stop: peer connections. They go before any data is read. */
const PEERS = ['RTCPeerConnection', 'webkitRTCPeerConnection', 'RTCDataChannel', 'WebTransport'];

export function disconnect(scope: object): void {
  for (const name of PEERS) {
    if (name in scope && !Reflect.deleteProperty(scope, name)) {
      Object.defineProperty(scope, name, { value: undefined, configurable: false, writable: false });
    }
  }
}

namespace Coco.Quic.Tls;

/// <summary>
/// Sees every secret under its name in the SSLKEYLOGFILE format. For debugging and foreign tools, never in production.
/// </summary>
internal delegate void SecretLog(string label, ReadOnlySpan<byte> clientRandom, ReadOnlySpan<byte> secret);

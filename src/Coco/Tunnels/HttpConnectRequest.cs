namespace Coco.Tunnels;

/// <summary>What a client of a proxy wants.</summary>
/// <param name="Method">The method; only CONNECT is served.</param>
/// <param name="Host">Whom it wants to be connected to.</param>
/// <param name="Password">The password it shows; null where it shows none.</param>
internal readonly record struct HttpConnectRequest(string Method, string Host, byte[]? Password);

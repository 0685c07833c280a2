namespace Coco.Tunnels;

/// <summary>What a client of a proxy wants.</summary>
/// <param name="Host">Whom it wants to be connected to, or to have the request brought to; empty where it names none.</param>
/// <param name="Password">The password it shows; null where it shows none.</param>
/// <param name="Forward">The request's head as the server is to get it; null for CONNECT.</param>
/// <param name="BodyLength">How many bytes follow the head and belong to the request; null where that cannot be known beforehand.</param>
internal readonly record struct HttpConnectRequest(string Host, byte[]? Password, byte[]? Forward = null, long? BodyLength = 0);

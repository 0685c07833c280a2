namespace Coco.ControlPlane.Client.Contracts;

/// <summary>The relay of an instance, for networks that list it.</summary>
/// <param name="Id">Its identity, which it proves to whoever connects.</param>
/// <param name="Addresses">Where it takes UDP and TCP, <c>ADDRESS:PORT</c>; empty where it listens on all addresses of its machine and was told none.</param>
/// <param name="Url">Where it takes WebSockets, <c>wss://…</c>; null for nowhere.</param>
public sealed record RelayView(string Id, IReadOnlyList<string> Addresses, string? Url = null);

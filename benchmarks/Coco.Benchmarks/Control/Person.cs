namespace Coco.Benchmarks.Control;

/// <summary>Somebody with an account who is signed in.</summary>
internal sealed record Person(string Account, string Token);

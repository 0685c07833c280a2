using System.Net;
using Coco.Crypto;
using Coco.Transport;
using Coco.Traversal.Relays;

namespace Coco.Benchmarks.Relays;

/// <summary>Clients that register at a relay and say nothing more, many to an endpoint.</summary>
internal sealed class IdleClients(RelayInfo relay) : IAsyncDisposable
{
    private const int OfEndpoint = 500; // identities; each has control connections of its own
    private const int AtOnce = 50;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // of those at once

    private readonly List<Endpoint> _endpoints = [];
    private readonly List<(Endpoint Endpoint, IdentityKey Key)> _added = [];

    /// <summary>How many are registered now.</summary>
    public int Registered => _added.Count(static one => one.Endpoint.RecordOf(one.Key.Id) is { Relays.Count: 1 });

    /// <summary>Makes keys for as many clients, which takes a while itself.</summary>
    public static IdentityKey[] Keys(int count) => [.. Enumerable.Range(0, count).Select(static _ => IdentityKey.Generate())];

    /// <summary>Returns when all have registered.</summary>
    public async Task AddAsync(IReadOnlyList<IdentityKey> keys)
    {
        foreach (var group in keys.Chunk(OfEndpoint))
        {
            var endpoint = await Endpoint.StartAsync(new() { ListenAddresses = [new(IPAddress.Loopback, 0)], Relays = [relay] });
            _endpoints.Add(endpoint);
            foreach (var some in group.Chunk(AtOnce))
            {
                using var patience = new CancellationTokenSource(Patience);
                foreach (var key in some)
                {
                    endpoint.AddIdentity(key);
                    _added.Add((endpoint, key));
                }
                while (some.Any(key => endpoint.RecordOf(key.Id) is not { Relays.Count: 1 })) { await Task.Delay(2, patience.Token); }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var endpoint in _endpoints) { await endpoint.DisposeAsync(); }
    }
}

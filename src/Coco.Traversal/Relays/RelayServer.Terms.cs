using Coco.Crypto;

namespace Coco.Traversal.Relays;

/// <summary>On what terms clients are served, and what they use.</summary>
internal sealed partial class RelayServer
{
    /// <summary>Terms have changed: of these clients, and of all that belong to these networks or did before.</summary>
    public void HandleTermsChanged(IReadOnlyCollection<NodeId> clients, IReadOnlyCollection<string> networks, TimeSpan now)
    {
        if (options.Terms is not { } terms) { return; }
        foreach (var id in clients) { ApplyAnew(terms, _accounts.Find(id), now); }
        foreach (var network in networks) { ApplyAnew(terms, _networks.Find(network), now); }
    }

    /// <summary>What clients used since this was last called, each byte once; nothing where it is not counted.</summary>
    public IReadOnlyList<RelayUsage> TakeUsage() => _meter?.Take() ?? [];

    /// <summary>The control connection of a client has carried so many bytes more.</summary>
    public void CountControl(int client, long bytes)
    {
        if (bytes > 0 && _clients.TryGetValue(client, out var user)) { _meter?.CountControl(user, bytes); }
    }

    private void ApplyAnew(IRelayTerms terms, RelayAccount? account, TimeSpan now)
    {
        if (account is null) { return; }
        foreach (var client in account.Clients.ToArray()) { Apply(terms.TermsOf(client.Id), client, isChange: true, now); }
    }

    private void Apply(RelayTerms terms, RelayServerClient client, bool isChange, TimeSpan now)
    {
        if (client.IsCut) { return; }
        if (terms.Refusal is not null)
        {
            client.Refusal = terms.Refusal;
            Cut(client, RelayDisconnect.Refused);
            return;
        }
        var isStranger = terms.Network.Length == 0;
        if (terms.Network != client.Network || isStranger != client.IsStranger) { ChangeNetwork(client, terms.Network, now); }
        client.Account.SetQuota(terms.PerClient ?? (isStranger ? options.PerStranger : options.PerClient), bytesLeft: null);
        // Terms as old as the last change of them must not give back what has been used since.
        if (client.NetworkAccount is { } account && (isChange || account.Clients.Count == 1))
        {
            account.SetQuota(terms.PerNetwork ?? options.PerNetwork, terms.NetworkBytesLeft);
        }
    }

    // What was sent so far is paid by whoever paid for it then. Sessions that would not be given now end.
    private void ChangeNetwork(RelayServerClient client, string network, TimeSpan now)
    {
        if (_meter is { } meter) { client.Legs.ForEach(leg => meter.Settle(leg.Session)); }
        LeaveNetwork(client);
        (client.Network, client.IsStranger) = (network, network.Length == 0);
        if (network.Length > 0)
        {
            client.NetworkAccount = _networks.Acquire(network, now);
            client.NetworkNode = client.NetworkAccount.Clients.AddLast(client);
        }
        for (var i = client.Legs.Count - 1; i >= 0 && i < client.Legs.Count; i--)
        {
            var leg = client.Legs[i];
            if (MayMeet(client, leg.Other.Client)) { continue; }
            Remove(leg.Session);
            Send(client, new RelayMessage.Closed(leg.Number, RelayCloseReason.PeerGone));
            Send(leg.Other.Client, new RelayMessage.Closed(leg.Other.Number, RelayCloseReason.PeerGone));
        }
    }

    private void LeaveNetwork(RelayServerClient client)
    {
        if (client.NetworkAccount is not { } account) { return; }
        account.Clients.Remove(client.NetworkNode!);
        _networks.Release(client.Network);
        client.NetworkAccount = null;
    }

    // A stranger may meet members of any network, who may be about to let it in, and not another stranger: nobody would pay for them.
    private bool MayMeet(RelayServerClient one, RelayServerClient other) =>
        options.JoinsNetworks || (one.IsStranger ? !other.IsStranger : other.IsStranger || one.Network == other.Network);

    // Where a member is, members of other networks are not told.
    private bool MayKnow(RelayServerClient client, NodeId target) =>
        options.JoinsNetworks || client.IsStranger || options.Terms?.TermsOf(target) is not { Network: { Length: > 0 } network } || network == client.Network;

    private int MaxSessionsOf(RelayServerClient client) => client.IsStranger ? options.MaxSessionsPerStranger : options.MaxSessionsPerClient;
}

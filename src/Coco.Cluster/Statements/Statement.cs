using System.Collections.Immutable;
using Coco.Crypto;

namespace Coco.Cluster.Statements;

/// <summary>Something signed about a network, in its issuer's chain. Being here means: well formed and signed, and nothing more.</summary>
internal sealed partial class Statement
{
    private Statement(
        NetworkId network, NodeId issuer, ulong sequence, StatementId previous, StatementId authority,
        ImmutableArray<ChainHead> after, ulong time, StatementBody body, ReadOnlyMemory<byte> encoded)
    {
        (Network, Issuer, Sequence, Previous, Authority, After, Time, Body) = (network, issuer, sequence, previous, authority, after, time, body);
        (Encoded, Id) = (encoded, StatementId.Of(encoded.Span));
        IsAgreed = VerifyConsents();
    }

    public StatementId Id { get; }

    public NetworkId Network { get; }

    public NodeId Issuer { get; }

    /// <summary>The place in the issuer's chain, from 0.</summary>
    public ulong Sequence { get; }

    /// <summary>The statement before in the issuer's chain; none for the first.</summary>
    public StatementId Previous { get; }

    /// <summary>The statement that gives the issuer the office it acts in; none for the root.</summary>
    public StatementId Authority { get; }

    /// <summary>Ends of other chains the issuer had seen.</summary>
    public ImmutableArray<ChainHead> After { get; }

    /// <summary>The issuer's clock, in seconds since 1970 UTC. Decides nothing here.</summary>
    public ulong Time { get; }

    public StatementBody Body { get; }

    /// <summary>The signed bytes, as they travel.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>Whether the other keys whose agreement the body carries have signed it.</summary>
    public bool IsAgreed { get; }

    public override string ToString() => $"{Body.Type} {Id} ({Sequence} of {Issuer})";

    private bool VerifyConsents() => Body switch
    {
        StatementBody.Transfer transfer => HasConsent(transfer.NewOwner.Key, Consents.Owner, transfer.Consent.Span) && IsRetired(transfer.Retires),
        StatementBody.SetRecovery set => IsRetired(set.Retires),
        StatementBody.RotateKey rotate => HasConsent(rotate.NewKey, Consents.Rotation, rotate.Consent.Span),
        _ => true,
    };

    private bool HasConsent(NodeId key, ReadOnlySpan<byte> name, ReadOnlySpan<byte> signature) =>
        key.Verify(Consents.Bytes(name, Network, Authority, Issuer, Previous), signature);

    private bool IsRetired(Retirement? retirement) => retirement is null || retirement.Verify(Network, Issuer, Previous);
}

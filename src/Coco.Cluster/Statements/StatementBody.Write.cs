using Coco.Quic.Packets;

namespace Coco.Cluster.Statements;

/// <content>Writing, for bodies of our own; what does not fit its field is the caller's mistake.</content>
internal abstract partial record StatementBody
{
    public byte[] Encode()
    {
        Validate();
        Span<byte> bytes = stackalloc byte[Statement.MaxLength];
        var writer = new SpanWriter(bytes);
        Write(ref writer);
        return writer.Written.ToArray();
    }

    private void Write(ref SpanWriter writer)
    {
        switch (this)
        {
            case CreateNetwork create:
                writer.WriteKey(create.Owner.Key);
                writer.WriteOptionalKey(create.Recovery);
                WriteSettings(ref writer, create.Name, (byte)create.Profile, create.Settings.Span);
                break;
            case Transfer transfer:
                writer.WriteKey(transfer.NewOwner.Key);
                writer.WriteBytes(transfer.Consent.Span);
                writer.WriteOptionalKey(transfer.Recovery);
                WriteRetirement(ref writer, transfer.Retires);
                transfer.Keep.Write(ref writer);
                break;
            case Recover recover:
                writer.WriteId(recover.Epoch);
                recover.Cut.Write(ref writer);
                writer.WriteKey(recover.NewOwner.Key);
                writer.WriteOptionalKey(recover.Recovery);
                recover.Keep.Write(ref writer);
                break;
            case SetRecovery set:
                writer.WriteOptionalKey(set.Recovery);
                WriteRetirement(ref writer, set.Retires);
                break;
            case GrantRole grant:
                writer.WriteKey(grant.User.Key);
                writer.WriteByte((byte)grant.Role);
                writer.WriteByte((byte)grant.Lifts.Length);
                foreach (var id in grant.Lifts) { writer.WriteId(id); }
                break;
            case Delegate @delegate:
                writer.WriteKey(@delegate.Key);
                writer.WriteByte(Delegate.Admit);
                writer.WriteText(@delegate.SubCluster.Name);
                writer.WriteUInt64(@delegate.Until);
                break;
            case Revoke revoke:
                writer.WriteByte((byte)revoke.Kind);
                writer.WriteId(revoke.Subject);
                revoke.Cut.Write(ref writer);
                revoke.Keep.Write(ref writer);
                break;
            default:
                WriteContent(ref writer);
                break;
        }
    }

    private void WriteContent(ref SpanWriter writer)
    {
        switch (this)
        {
            case Rename rename:
                writer.WriteKey(rename.Node);
                writer.WriteText(rename.Name);
                break;
            case MoveNode move:
                writer.WriteKey(move.Node);
                writer.WriteText(move.SubCluster.Name);
                break;
            case SetPolicy policy:
                writer.WriteLengthBytes(policy.Policy.Span);
                break;
            case SetControlPlanes planes:
                writer.WriteByte((byte)planes.ControlPlanes.Length);
                foreach (var (id, address) in planes.ControlPlanes)
                {
                    writer.WriteKey(id);
                    writer.WriteText(address);
                }
                break;
            case SetSettings settings:
                WriteSettings(ref writer, settings.Name, (byte)settings.Profile, settings.Settings.Span);
                break;
            case RotateKey rotate:
                writer.WriteKey(rotate.NewKey);
                writer.WriteBytes(rotate.Consent.Span);
                break;
            case GrantResource grant:
                writer.WriteLengthBytes(grant.Grant.Span);
                break;
            case SnapshotPart part:
                writer.WriteId(part.Digest);
                writer.WriteVarInt(part.Index);
                writer.WriteVarInt(part.Count);
                writer.WriteLengthBytes(part.Bytes.Span);
                break;
            case SetDiscovery discovery:
                writer.WriteBytes(discovery.Key.Span);
                writer.WriteId(discovery.Revoked);
                break;
            case Unknown unknown:
                writer.WriteBytes(unknown.Bytes.Span);
                break;
        }
    }

    // What our own reader would not read must not be signed: it would stay in the chain for ever, without effect.
    private void Validate()
    {
        var fits = this switch
        {
            CreateNetwork create => WireFields.Fits(create.Name, MaxName) && create.Settings.Length <= MaxSettings && create.Owner.Key != create.Recovery,
            Transfer transfer => transfer.NewOwner.Key != transfer.Recovery,
            Recover recover => recover.NewOwner.Key != recover.Recovery,
            GrantRole grant => grant.Role is Membership.Role.Admin or Membership.Role.Guest && grant.Lifts.Length <= MaxLifts,
            Rename rename => WireFields.Fits(rename.Name, MaxName),
            MoveNode move => !move.SubCluster.IsDefault,
            SetPolicy policy => policy.Policy.Length <= MaxContent,
            SetControlPlanes planes => planes.ControlPlanes.Length <= MaxControlPlanes
                && planes.ControlPlanes.All(static entry => WireFields.Fits(entry.Address, MaxControlPlaneAddress)),
            SetSettings settings => WireFields.Fits(settings.Name, MaxName) && settings.Settings.Length <= MaxSettings,
            GrantResource grant => grant.Grant.Length <= MaxContent,
            SnapshotPart part => part.Bytes.Length <= MaxContent && part.Count <= MaxSnapshotParts && part.Index < part.Count,
            SetDiscovery discovery => discovery.Key.Length == DiscoveryKeySize,
            Unknown unknown => unknown.Bytes.Length <= MaxContent,
            _ => true,
        };
        if (!fits) { throw new ArgumentException($"What this {Type} says is longer than its field, or names one key for two things."); }
    }

    private static void WriteSettings(ref SpanWriter writer, string name, byte profile, ReadOnlySpan<byte> settings)
    {
        writer.WriteText(name);
        writer.WriteByte(profile);
        writer.WriteLengthBytes(settings);
    }

    private static void WriteRetirement(ref SpanWriter writer, Retirement? retirement)
    {
        writer.WriteByte(retirement is null ? (byte)0 : (byte)1);
        retirement?.Write(ref writer);
    }
}

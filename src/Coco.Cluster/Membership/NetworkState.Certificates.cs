using Coco.Cluster.Certificates;
using Coco.Cluster.Statements;

namespace Coco.Cluster.Membership;

/// <content>What the state says of certificates.</content>
internal sealed partial class NetworkState
{
    /// <summary>Whether a certificate makes its node a member, at the best-known time in seconds since 1970 UTC.</summary>
    public CertificateVerdict Check(NodeCertificate certificate, ulong bestTime)
    {
        if (certificate.Network != Network) { return CertificateVerdict.OtherNetwork; }
        var byOffice = CheckOffice(certificate);
        if (byOffice is not CertificateVerdict.Valid) { return byOffice; }
        if (IsUserRevoked(certificate)) { return CertificateVerdict.UserRevoked; }
        if (Facts.RevokedNodes.TryGetValue(certificate.Node, out var by) && CanRevokeNode(by, certificate)) { return CertificateVerdict.NodeRevoked; }
        var expires = certificate.Admission.Expires;
        return expires != 0 && bestTime >= expires ? CertificateVerdict.Expired : CertificateVerdict.Valid;
    }

    /// <summary>The name a node was given last, before conflicts with other names are looked at.</summary>
    public string NameOf(NodeCertificate certificate) =>
        Find(IsOwners(certificate) ? RegisterKind.NameByOwner : RegisterKind.Name, certificate.Node) is StatementBody.Rename { Name.Length: > 0 } rename
            ? rename.Name
            : certificate.Admission.Name;

    /// <summary>The sub-cluster a node belongs to now.</summary>
    public SubClusterId SubClusterOf(NodeCertificate certificate) =>
        Find(IsOwners(certificate) ? RegisterKind.SubClusterByOwner : RegisterKind.SubCluster, certificate.Node) is StatementBody.MoveNode move
            ? move.SubCluster
            : certificate.Admission.SubCluster;

    /// <summary>The seniority of the office that signed; null where it is not known.</summary>
    public Place? PlaceOf(NodeCertificate certificate)
    {
        if (EpochOf(certificate.Authority) is not null) { return Place.Owner; }
        if (Facts.Tenures.TryGetValue(certificate.Authority, out var tenure)) { return tenure.Place; }
        return Facts.Delegates.TryGetValue(certificate.Authority, out var made) ? made.Place : null;
    }

    private Epoch? EpochOf(StatementId authority)
    {
        foreach (var epoch in Facts.Epochs)
        {
            if (epoch.Id == authority) { return epoch; }
        }
        return null;
    }

    private CertificateVerdict CheckOffice(NodeCertificate certificate)
    {
        var admission = certificate.Admission;
        if (EpochOf(certificate.Authority) is { } epoch)
        {
            return epoch.Owner.Key != certificate.Issuer ? CertificateVerdict.NoOffice : Kept(epoch.Keep, certificate);
        }
        if (Facts.Tenures.TryGetValue(certificate.Authority, out var tenure))
        {
            if (tenure.Key != certificate.Issuer) { return CertificateVerdict.NoOffice; }
            return admission.IsDevice ? CertificateVerdict.NotPermitted : Kept(KeepOf(tenure), certificate);
        }
        if (!Facts.Delegates.TryGetValue(certificate.Authority, out var made) || made.Key != certificate.Issuer) { return CertificateVerdict.NoOffice; }
        // A delegate could date its certificates back, so what it admits has to expire in time.
        var inTime = made.Until == 0 || (admission.Expires != 0 && admission.Expires <= made.Until);
        if (admission.IsDevice || !inTime || (!made.SubCluster.IsDefault && made.SubCluster != admission.SubCluster)) { return CertificateVerdict.NotPermitted; }
        return Kept(made.Closed ?? Keep.All, certificate);
    }

    // An office that went on with another key falls with it.
    private Keep KeepOf(Tenure tenure)
    {
        var keep = Keep.All;
        for (Tenure? next = tenure; next is not null; next = Facts.Tenures.GetValueOrDefault(next.Successor)) { keep = keep.And(next.Closed ?? Keep.All); }
        return keep;
    }

    private static CertificateVerdict Kept(Keep keep, NodeCertificate certificate) =>
        keep.Contains(certificate.Id) ? CertificateVerdict.Valid : CertificateVerdict.OfficeClosed;

    /// <summary>Whether an office can revoke a node: devices and the owner's are for the owner, those of an admin for whoever is senior, and for the admin.</summary>
    public bool CanRevokeNode(Place by, NodeCertificate certificate)
    {
        if (by.IsOwner) { return true; }
        if (IsOwners(certificate)) { return false; }
        return SeniorityOf(SuccessorOf(certificate.User)) is not { } user || by.MayTakeBack(user);
    }

    // Devices, and nodes of the owner's, are for the owner alone to remove.
    private bool IsOwners(NodeCertificate certificate) => certificate.Admission.IsDevice || certificate.User == Owner;

    private bool IsUserRevoked(NodeCertificate certificate) =>
        certificate.User != Owner && _revokedUsers.TryGetValue(certificate.User, out var byOwner) && (byOwner || !certificate.Admission.IsDevice);
}

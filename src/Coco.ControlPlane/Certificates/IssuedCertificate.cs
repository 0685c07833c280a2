namespace Coco.ControlPlane.Certificates;

/// <summary>A certificate as it is kept.</summary>
/// <param name="Chain">In PEM, the own one first.</param>
/// <param name="Key">Its private key (PKCS #8), to be wiped by whoever has it.</param>
/// <param name="Begins">Since when it is good.</param>
/// <param name="Ends">Until when.</param>
internal sealed record IssuedCertificate(string Chain, byte[] Key, DateTimeOffset Begins, DateTimeOffset Ends)
{
    /// <summary>Nothing of the key: texts end in logs.</summary>
    public override string ToString() => nameof(IssuedCertificate);
}

namespace Coco.ControlPlane.Api;

/// <summary>Knows whose a token is.</summary>
internal interface ITokenReader
{
    /// <summary>Who shows the token; null for one that is unknown, expired or taken back.</summary>
    public Task<Caller?> ReadAsync(string token, CancellationToken cancellationToken);
}

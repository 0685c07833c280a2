namespace Coco.ControlPlane.Backups;

/// <summary>What came of a restore.</summary>
/// <param name="Rows">Rows that the backup had.</param>
/// <param name="HeldMails">Mails that waited when it was made, and wait for the operator's word now.</param>
/// <param name="DroppedMails">Mails that are of no use any more.</param>
/// <param name="RevokedTokens">Tokens that held when it was made, and hold no more.</param>
internal sealed record Restored(long Rows, int HeldMails, int DroppedMails, int RevokedTokens);
